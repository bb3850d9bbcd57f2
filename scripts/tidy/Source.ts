/**
 * One of our own files, parsed, as the rules of tidiness see it. The parser is oxc's: the compiler of
 * TypeScript 7 has no API for it yet.
 */
import { type Comment, type ParseResult, parseSync } from "oxc-parser"

export interface Source {
  /** Relative to the root of the project, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly lines: ReadonlyArray<string>
  readonly program: ParseResult["program"]
  readonly module: ParseResult["module"]
  readonly comments: ReadonlyArray<Comment>
  /** The line, counted from 1, of an offset into the text. */
  readonly lineAt: (offset: number) => number
}

export const parse = (path: string, text: string): Source => {
  const { comments, errors, module, program } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)
  const lines = text.replace(/\n$/, "").split("\n")
  const lineAt = (offset: number) => text.slice(0, offset).split("\n").length
  return { path, text, lines, program, module, comments, lineAt }
}
