/**
 * Loads the core with one planted bug, as modules of its own beside the real ones.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Core } from "../sim/SimNode.ts"

/** In `file` of `src/raft`, `from` (which must stand there exactly once) becomes `to`. */
export interface Mutant {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
}

const root = join(import.meta.dirname, "..", "..", "..")
const source = join(root, "src", "raft")

export const load = async (mutant: Mutant): Promise<Core> => {
  // Below `node_modules`, so that the copies find `effect`.
  const directory = mkdtempSync(join(root, "node_modules", ".mutant-"))
  try {
    for (const file of readdirSync(source)) {
      const text = readFileSync(join(source, file), "utf8")
      const code = stripTypeScriptTypes(file === mutant.file ? mutated(text, mutant) : text)
      writeFileSync(
        join(directory, asModule(file)),
        code.replaceAll(/from "(\.\/\w+\.ts)"/g, (_, path: string) => `from "${asModule(path)}"`)
      )
    }
    const importOf = (file: string) => import(/* @vite-ignore */ pathToFileURL(join(directory, `${file}.mjs`)).href)
    const core = await importOf("RaftCore")
    const state = await importOf("RaftState")
    const compaction = await importOf("Compaction")
    return { step: core.step, steps: core.steps, initial: state.initial, snapshotAt: compaction.snapshotAt }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const mutated = (text: string, { file, from, name, to }: Mutant): string => {
  const parts = text.split(from)
  if (parts.length !== 2) throw new Error(`mutant "${name}": its text stands ${parts.length - 1} times in ${file}`)
  return parts.join(to)
}

const asModule = (path: string): string => path.replace(/\.ts$/, ".mjs")
