/**
 * Mends the API description where a codec shows through: what travels as text in a query or a header is described as
 * the number that it is, and problems have the names of their classes.
 */
import { makeSentences } from "./Fields.ts"
import type { Limits } from "./Limits.ts"

type Json = Record<string, unknown>

export const mend = (limits: Limits) => {
  const mended = mendedSchemas(limits)
  return (description: Json): Json =>
    JSON.parse(
      JSON.stringify(description).replaceAll(/(\w)Encoded"/g, "$1\""),
      (key, value: unknown) => {
        const schema = mended.get(isParameter(value) ? value.name : key)
        return schema !== undefined && isDescribed(value) ? { ...value, schema } : value
      }
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
    ["retry-after", { type: "integer", minimum: 0, description: "Seconds after which to send the request again" }]
  ])
}

/** A parameter or a header: something that has a schema. */
const isDescribed = (value: unknown): value is Json & { readonly schema: unknown } =>
  typeof value === "object" && value !== null && "schema" in value

const isParameter = (value: unknown): value is { readonly name: string } =>
  isDescribed(value) && typeof value["name"] === "string" && typeof value["in"] === "string"
