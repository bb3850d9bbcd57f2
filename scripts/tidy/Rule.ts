/**
 * A rule of tidiness: a check of one file that a reader can predict. What a formatter, a linter or the
 * compiler checks already is no rule here.
 */
import type { Source } from "./Source.ts"

export interface Finding {
  readonly line: number
  readonly message: string
}

export interface Rule {
  readonly name: string
  readonly appliesTo: (path: string) => boolean
  /** `project` is every file of the project, this one included. */
  readonly find: (source: Source, project: ReadonlyArray<Source>) => ReadonlyArray<Finding>
}

export const anywhere = (): boolean => true

export const inProduct = (path: string): boolean => path.startsWith("src/")
