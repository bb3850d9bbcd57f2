/**
 * Runs an example to its end, as a user would: a program with Node, a script with the shell, and `holdfast` on the
 * path.
 */
import { Effect } from "effect"
import { chmodSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { directory } from "../cli/support/Directory.ts"
import { runProgram } from "../fencing/support/Server.ts"

const project = join(import.meta.dirname, "../..")
const fromSource = join(import.meta.dirname, "fromSource.ts")

/** Most of what `holdfast` takes to start is the compiling of its modules. */
const NODE_COMPILE_CACHE = join(tmpdir(), "holdfast-e2e-compile-cache")

export const runExample = Effect.fnUntraced(function*(
  file: string,
  env: Readonly<Record<string, string>>,
  args: ReadonlyArray<string> = []
) {
  const place = yield* directory
  const holdfast = join(place, "holdfast")
  writeFileSync(holdfast, `#!/bin/sh\nexec '${process.execPath}' '${join(project, "bin/holdfast.js")}' "$@"\n`)
  chmodSync(holdfast, 0o755)
  const PATH = [place, join(process.execPath, ".."), process.env["PATH"]].join(delimiter)
  const example = join(project, "examples", file)
  const [program, before] = file.endsWith(".ts") ? [process.execPath, ["--import", fromSource]] : ["/bin/sh", []]
  return yield* runProgram(program, [...before, example, ...args], "", {
    cwd: place,
    env: { PATH, HOME: place, NODE_COMPILE_CACHE, ...env }
  })
}, Effect.scoped)
