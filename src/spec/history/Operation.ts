/**
 * One line of a recorded history: what a client asked, what it was told, and when, on one monotonic clock.
 *
 * Nothing here knows what the service did. A history is a text of JSON lines; a line that is none, or that says what no
 * client can have seen, is refused with its number and the reason.
 */

/** What was asked. An acquire is one attempt, sent once or again until it had an answer, with an owner of its own. */
export type Kind = "acquire" | "release" | "renew" | "get"

/**
 * `fail`: surely not done. `unknown`: done at any later time, or never. `held`: an acquire went without the lock,
 * because another had it. `not_holder`: a release or a renewal of what is not held.
 */
export type Result = "ok" | "held" | "not_holder" | "fail" | "unknown"

export interface Operation {
  readonly client: string
  readonly op: Kind
  /** Of the lock. */
  readonly name: string
  /** Whose grant it is about; of a `get`, the holder that it showed. */
  readonly owner: string
  /** The grant's; of a `get`, the holder's, or null when it showed the lock free. */
  readonly token: number | null
  readonly result: Result
  /** Nanoseconds, from before it was sent until after its answer was read. */
  readonly start: number
  readonly end: number
  /** Of an acquire or renewal that was done: for how long the answer said that it is held, in milliseconds. */
  readonly leaseMs?: number
  /** Of an acquire that was sent once: how long it was willing to wait. */
  readonly waitMs?: number
}

const results: Readonly<Record<Kind, ReadonlyArray<Result>>> = {
  acquire: ["ok", "held", "fail", "unknown"],
  release: ["ok", "not_holder", "fail", "unknown"],
  renew: ["ok", "not_holder", "fail", "unknown"],
  get: ["ok", "fail", "unknown"]
}

/** Of a whole text. Throws on the first line that is not as it should be. */
export const parseHistory = (text: string): ReadonlyArray<Operation> => {
  const operations: Array<Operation> = []
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue
    try {
      operations.push(parseOperation(JSON.parse(line)))
    } catch (error) {
      throw new Error(`line ${index + 1}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
  }
  return operations
}

const parseOperation = (line: unknown): Operation => {
  if (typeof line !== "object" || line === null) throw new Error("is not an object")
  const fields: { readonly [name: string]: unknown } = { ...line }
  const op = kindOf(fields["op"])
  const result = results[op].find((one) => one === fields["result"])
  if (result === undefined) {
    throw new Error(`result of ${op} is ${say(fields["result"])}, not ${results[op].join(", ")}`)
  }
  const start = numberOf(fields, "start")
  const end = numberOf(fields, "end")
  if (end < start) throw new Error(`end ${end} is before start ${start}`)
  const token = fields["token"] === undefined || fields["token"] === null ? null : numberOf(fields, "token")
  if (token === null && op === "acquire" && result === "ok") throw new Error("a grant has a token")
  return {
    client: textOf(fields, "client"),
    op,
    name: textOf(fields, "name"),
    owner: fields["owner"] === undefined || fields["owner"] === null ? "" : textOf(fields, "owner"),
    token,
    result,
    start,
    end,
    ...optional(fields, "leaseMs"),
    ...optional(fields, "waitMs")
  }
}

const kindOf = (value: unknown): Kind => {
  if (value === "acquire" || value === "release" || value === "renew" || value === "get") return value
  throw new Error(`op is ${say(value)}, not acquire, release, renew or get`)
}

type Fields = Readonly<Record<string, unknown>>

const textOf = (fields: Fields, name: string): string => {
  const value = fields[name]
  if (typeof value === "string") return value
  if (typeof value === "number") return String(value)
  throw new Error(`${name} is ${say(value)}, not a text`)
}

const numberOf = (fields: Fields, name: string): number => {
  const value = fields[name]
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value
  throw new Error(`${name} is ${say(value)}, not a number from 0`)
}

const optional = (fields: Fields, name: "leaseMs" | "waitMs") =>
  fields[name] === undefined || fields[name] === null ? {} : { [name]: numberOf(fields, name) }

const say = (value: unknown): string => value === undefined ? "missing" : JSON.stringify(value)
