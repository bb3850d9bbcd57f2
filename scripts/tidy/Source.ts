/**
 * One of our own files, parsed, as the rules of tidiness see it. The parser is oxc's: the compiler of
 * TypeScript 7 has no API for it yet.
 */
import { posix } from "node:path"
import { type Comment, type ParseResult, parseSync } from "oxc-parser"

export interface Source {
  /** Relative to the root of the project, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly lines: ReadonlyArray<string>
  readonly program: ParseResult["program"]
  readonly module: ParseResult["module"]
  /** The files it imports or re-exports, as paths like `path`; packages are not among them. */
  readonly imports: ReadonlySet<string>
  readonly comments: ReadonlyArray<Comment>
  /** The line, counted from 1, of an offset into the text. */
  readonly lineAt: (offset: number) => number
}

export const parse = (path: string, text: string): Source => {
  const { comments, errors, module, program } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)
  const lines = text.replace(/\n$/, "").split("\n")
  const lineStarts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)]
  const lineAt = (offset: number) => lineStarts.findLastIndex((start) => start <= offset) + 1
  return { path, text, lines, program, module, imports: importsOf(path, text, module), comments, lineAt }
}

const importsOf = (path: string, text: string, module: ParseResult["module"]): ReadonlySet<string> => {
  const { dynamicImports, staticExports, staticImports } = module
  // With the quotes, where it is no expression.
  const later = dynamicImports.map(({ moduleRequest: { end, start } }) => text.slice(start + 1, end - 1))
  const exported = staticExports.flatMap(({ entries }) => entries.map(({ moduleRequest }) => moduleRequest?.value))
  const requests = [...exported, ...later, ...staticImports.map(({ moduleRequest }) => moduleRequest.value)]
  return new Set(
    requests.flatMap((request) => request?.startsWith(".") === true ? [posix.join(posix.dirname(path), request)] : [])
  )
}
