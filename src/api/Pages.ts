/**
 * Long lists come in pages. A page ends with a cursor, and the next one is asked for with it.
 *
 * A cursor is opaque to the caller: base64url, so that what is in it may change. It names where to go on and keeps
 * nothing on the node; a list that changes between two pages shows each entry that stayed exactly once.
 */
import { Effect, Schema, SchemaIssue, SchemaTransformation } from "effect"
import type { Fields } from "./Fields.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const opaque = Schema.Uint8ArrayFromBase64Url.pipe(
  Schema.decodeTo(
    Schema.String,
    SchemaTransformation.transformEffect({
      decode: (bytes, options) =>
        Effect.try({
          try: () => utf8.decode(bytes),
          catch: () => new SchemaIssue.InvalidValue({ expected: "base64url of UTF-8" }, bytes, options)
        }),
      encode: (text) => Effect.succeed(new TextEncoder().encode(text))
    })
  )
)

const description = "Opaque: where the next page goes on"

/** The name of the last lock on the page. */
export const lockCursor = opaque.annotate({ description })

/** How many sessions had been made when the last one of the page was. */
export const sessionCursor = opaque.pipe(
  Schema.decodeTo(Schema.Natural, SchemaTransformation.numberFromString)
).annotate({ description })

/** The query of a list: how much, from where, and how fresh. */
export const pageQuery = <Cursor extends Schema.Top>(fields: Fields, cursor: Cursor) => ({
  limit: fields.limit,
  cursor: Schema.optionalKey(cursor),
  consistency: fields.consistency
})
