/**
 * A planted bug: one text of one file of `src/` becomes another, while that file is loaded and nowhere else. The work
 * tree is never touched.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"

export interface Mutant {
  /** What is wrong then, as a sentence. */
  readonly name: string
  /** Below `src/`. */
  readonly file: string
  /** Stands in there exactly once. */
  readonly from: string
  readonly to: string
  /** Which drive has the file in it; the core's unless it says otherwise. */
  readonly drive?: "core" | "node"
}

export const sources = join(import.meta.dirname, "..", "..", "src")

/** The present text of its file with the bug in it. */
export const mutatedFile = ({ file, from, name, to }: Mutant): string => {
  const parts = readFileSync(join(sources, file), "utf8").split(from)
  if (parts.length !== 2) throw new Error(`mutant "${name}": its text stands ${parts.length - 1} times in ${file}`)
  return parts.join(to)
}
