/**
 * Mends the API description where a codec shows through: what travels as text in a query or a header is described as
 * the number that it is, and problems have the names of their classes. Parameters and headers are given their meaning.
 */
import { explain } from "./Explanation.ts"
import { makeSentences } from "./Fields.ts"
import type { Limits } from "./Limits.ts"
import { meaningOf } from "./Meanings.ts"

type Json = Record<string, unknown>

export const mend = (limits: Limits) => {
  const sentences = makeSentences(limits)
  const mended = mendedSchemas(limits)
  return (description: Json): Json =>
    explain(
      sentences,
      JSON.parse(
        JSON.stringify(description).replaceAll(/(\w)Encoded"/g, "$1\""),
        (key, value: unknown) => {
          if (!isDescribed(value)) return value
          const name = isParameter(value) ? value.name : key
          return { ...value, schema: mended.get(name) ?? value.schema, description: meaningOf("", name) }
        }
      )
    )
}

const mendedSchemas = (limits: Limits): ReadonlyMap<string, Json> => {
  const sentences = makeSentences(limits)
  return new Map<string, Json>([
    ["session", { type: "string", description: sentences.session }],
    ["cursor", { type: "string", description: sentences.cursor }],
    ["limit", {
      type: "integer",
      minimum: 1,
      maximum: limits.pageLengthMax,
      default: limits.pageLengthDefault,
      description: sentences.limit
    }],
    ["retry-after", { type: "integer", minimum: 0 }]
  ])
}

/** A parameter, a header, or one type of a body: something that has a schema. */
const isDescribed = (value: unknown): value is Json & { readonly schema: unknown } =>
  typeof value === "object" && value !== null && "schema" in value

const isParameter = (value: unknown): value is { readonly name: string } =>
  isDescribed(value) && typeof value["name"] === "string" && typeof value["in"] === "string"
