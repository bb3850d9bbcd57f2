/**
 * Tells in the API description what each field of a body means, and of one that a caller sends also what it must be.
 */
import { meaningOf } from "./Meanings.ts"

type Json = Readonly<Record<string, unknown>>

interface ObjectSchema extends Json {
  readonly properties?: Readonly<Record<string, Json>>
}

interface Description extends Json {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>
  readonly components: Json & { readonly schemas: Readonly<Record<string, ObjectSchema>> }
}

/** The sentences complete "must be …", and are those of `Fields`. */
export const explain = (
  sentences: Readonly<Record<string, string | undefined>>,
  description: Description
): Description => {
  const { components } = description
  const sent = sentSchemas(description)
  const schemas = mapEntries(components.schemas, (schema, name) => {
    const mustBe = sent.has(name) ? sentences : {}
    return schema.properties === undefined
      ? schema
      : { ...schema, properties: mapEntries(schema.properties, explainField(name, mustBe)) }
  })
  return { ...description, components: { ...components, schemas } }
}

const explainField =
  (schema: string, mustBe: Readonly<Record<string, string | undefined>>) => (property: Json, field: string): Json => {
    const meaning = meaningOf(schema, field)
    const sentence = isConstrained(property) ? mustBe[field] : undefined
    return { ...property, description: sentence === undefined ? meaning : `${meaning} It must be ${sentence}.` }
  }

/** One that takes anything, or may not be there, has nothing that it must be. */
const isConstrained = (property: Json): boolean => "type" in property || "$ref" in property

/** The names of the schemas that are bodies of requests. */
const sentSchemas = ({ paths }: Description): ReadonlySet<string> => {
  const operations = Object.values(paths).flatMap((path) => Object.values(path))
  const bodies = operations.map(({ requestBody = null }) => JSON.stringify(requestBody))
  return new Set(bodies.flatMap((body) => [...body.matchAll(/schemas\/(\w+)/g)].map(([, name = ""]) => name)))
}

const mapEntries = <A, B>(record: Readonly<Record<string, A>>, f: (value: A, key: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value, key)]))
