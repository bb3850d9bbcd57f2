/**
 * Says in words for people what is wrong with a request that its schema refuses: which field, and what is allowed.
 *
 * It repeats nothing of what the caller sent but the name of a field that does not exist.
 */
import { SchemaAST, type SchemaIssue } from "effect"
import type { Field } from "../../api/Fields.ts"
import { InvalidRequest } from "../../api/Problems.ts"

export type Sentences = Readonly<Record<Field, string>>

export const toInvalidRequest = (
  issue: SchemaIssue.Issue,
  sentences: Sentences,
  hasNoBody: boolean
): InvalidRequest => {
  const { field, leaf } = faultOf(issue)
  if (leaf._tag === "UnexpectedKey") return unknownField(field, knownFields(leaf))
  const sentence = sentences[field as Field] ?? "valid"
  const fault = field === "body" ? bodyFault(leaf, hasNoBody) : leaf._tag === "MissingKey" ? "is missing" : null
  return new InvalidRequest({
    field,
    detail: `\`${field}\` ${fault === null ? "" : `${fault}, and `}must be ${sentence}.`
  })
}

// A value that no schema has seen is text from which no JSON could be read.
const bodyFault = (leaf: SchemaIssue.Issue, hasNoBody: boolean): string =>
  hasNoBody ? "is missing" : leaf._tag === "InvalidValue" ? "is no JSON" : "is JSON of another kind"

export const unknownField = (field: string, known: ReadonlyArray<string>): InvalidRequest => {
  const name = field.slice(0, unknownFieldLengthMax)
  const fields = known.length === 0 ? "" : ` Its fields are ${known.map((one) => `\`${one}\``).join(", ")}.`
  return new InvalidRequest({ field: name, detail: `\`${name}\` is no field of this request.${fields}` })
}

const unknownFieldLengthMax = 64

interface Fault {
  readonly field: string
  readonly leaf: SchemaIssue.Issue
}

// The first fault of the request. A fault of no field in particular is one of the body.
const faultOf = (issue: SchemaIssue.Issue, field?: string): Fault => {
  switch (issue._tag) {
    case "Filter":
    case "Encoding":
      return faultOf(issue.issue, field)
    case "Pointer":
      return faultOf(issue.issue, field ?? String(issue.path[0]))
    case "Composite":
      return faultOf(issue.issues[0], field)
    case "AnyOf": {
      const faults = issue.issues.map((one) => faultOf(one, field))
      return faults.find((fault) => !isOtherShape(fault)) ?? faults[0] ?? { field: field ?? "body", leaf: issue }
    }
    default:
      return { field: field ?? "body", leaf: issue }
  }
}

// Of the two shapes of an acquire the first has a session. Without one the caller meant the other.
const isOtherShape = ({ field, leaf }: Fault): boolean => field === "session" && leaf._tag === "MissingKey"

const knownFields = ({ ast }: SchemaIssue.UnexpectedKey): ReadonlyArray<string> =>
  SchemaAST.isObjects(ast) ? ast.propertySignatures.map(({ name }) => String(name)) : []
