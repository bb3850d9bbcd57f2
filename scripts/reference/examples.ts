/**
 * The examples of the API reference, as the programs that they are: each can be compiled and run by itself, with three
 * nodes where `npm start` puts them.
 */
import type { PublicName } from "./PublicName.ts"

export interface Example {
  /** Of a file, without its ending. */
  readonly name: string
  readonly code: string
}

export const examplesOf = (names: ReadonlyArray<PublicName>): ReadonlyArray<Example> =>
  [...new Map(names.map((one) => [`${one.path}: ${one.name}`, one])).values()].flatMap(({ comment, entry, name }) =>
    codeIn(comment).map((code, at) => ({ name: [entry.replace("/", "-"), name, at + 1].join("-"), code }))
  )

/** The blocks of TypeScript behind `@example`. */
export const codeIn = (comment: string): ReadonlyArray<string> =>
  comment.split("@example").slice(1).flatMap((text) =>
    Array.from(text.matchAll(/^```ts\n([\s\S]*?)^```/gm), ([, code]) => code ?? "")
  )
