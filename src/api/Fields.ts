/**
 * The fields of requests: one schema and one sentence for each, made from the limits in force.
 *
 * The sentence completes "`ttlMs` must be …". It stands in the API description and in every 400, so a caller is told
 * the same by both. A session id is a credential: its schema keeps it `Redacted` from the first decoding on.
 */
import { Effect, Redacted, Schema, type SchemaAST, SchemaTransformation } from "effect"
import { NodeId } from "../raft/Membership.ts"
import { Address } from "./Address.ts"
import type { Limits } from "./Limits.ts"

export { NodeId }

export const LockMode = Schema.Literals(["exclusive", "shared"])
export type LockMode = typeof LockMode.Type

const isRedactedText = (value: unknown): value is Redacted.Redacted<string> => Redacted.isRedacted(value)

/** Text on the wire. `Schema.Redacted` would be the same and is ten times slower: 3 µs, twice in every acquire. */
export const SessionId = Schema.String.pipe(
  Schema.decodeTo(
    Schema.declare(isRedactedText, { identifier: "SessionId" }),
    SchemaTransformation.transform({ decode: (id) => Redacted.make(id), encode: Redacted.value })
  )
)
export type SessionId = typeof SessionId.Type

/** `stale` reads what the node asked has applied; `linearizable` reads what the cluster has agreed on. */
export const Consistency = Schema.Literals(["linearizable", "stale"])
export type Consistency = typeof Consistency.Type

const nodeName = "the name of a node: 1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit"

/** What each field must be, to be read after "must be". */
export const makeSentences = (limits: Limits) => ({
  body: "a JSON object",
  name: `1 to ${count(limits.nameBytesMax)} bytes of UTF-8, percent-encoded in the path, other than "." and "..", ` +
    "and without NUL",
  session: "a session id, as a string",
  ttlMs: wholeNumber(limits.ttlMillisMin, limits.ttlMillisMax, "milliseconds"),
  label: textOf(limits.labelBytesMax),
  owner: textOf(limits.ownerBytesMax),
  mode: `"exclusive" or "shared"`,
  permits: `${wholeNumber(1, limits.permitsMax)}, and 1 for a shared lock`,
  waitMs: wholeNumber(0, limits.waitMillisMax, "milliseconds"),
  lockDelayMs: wholeNumber(0, limits.lockDelayMillisMax, "milliseconds"),
  maxHoldMs: wholeNumber(limits.maxHoldMillisMin, limits.maxHoldMillisMax, "milliseconds"),
  value: textOf(limits.valueBytesMax),
  seq: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  seqDone: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  token: `a fencing token: ${wholeNumber(1, Number.MAX_SAFE_INTEGER)}`,
  prefix: `at most ${count(limits.nameBytesMax)} bytes of UTF-8, percent-encoded, and without NUL`,
  limit: wholeNumber(1, limits.pageLengthMax),
  cursor: "a `cursor` that an earlier page of this list gave",
  consistency: `"linearizable" or "stale"`,
  "last-event-id": "the id of an event that a watcher has heard: <log index>.<n>",
  id: nodeName,
  nodeId: nodeName,
  raft: `where the Raft port of the node is: host:port, and [host]:port for IPv6`,
  to: nodeName
})

export type Field = keyof ReturnType<typeof makeSentences>

export type Fields = ReturnType<typeof makeFields>

/** Of an event: `<log index>.<n>`. */
export const EventId = Schema.String.check(Schema.isPattern(/^(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,8})$/))

export const makeFields = (limits: Limits) => {
  const sentences = makeSentences(limits)
  const said = <S extends Schema.Top>(field: Field, schema: S) => schema.annotate({ description: sentences[field] })
  return {
    name: said("name", text(1, limits.nameBytesMax, hasNoNul, isNoDotSegment)),
    session: said("session", SessionId),
    ttlMs: said("ttlMs", whole(limits.ttlMillisMin, limits.ttlMillisMax)),
    label: said("label", text(0, limits.labelBytesMax)),
    owner: said("owner", text(0, limits.ownerBytesMax)),
    mode: said("mode", LockMode),
    permits: said("permits", whole(1, limits.permitsMax)),
    waitMs: said("waitMs", whole(0, limits.waitMillisMax)),
    lockDelayMs: said("lockDelayMs", whole(0, limits.lockDelayMillisMax)),
    maxHoldMs: said("maxHoldMs", whole(limits.maxHoldMillisMin, limits.maxHoldMillisMax)),
    value: said("value", text(0, limits.valueBytesMax)),
    seq: said("seq", whole(0, Number.MAX_SAFE_INTEGER)),
    seqDone: said("seqDone", whole(0, Number.MAX_SAFE_INTEGER)),
    token: said("token", whole(1, Number.MAX_SAFE_INTEGER)),
    prefix: said("prefix", text(0, limits.nameBytesMax, hasNoNul)),
    limit: orElse(said("limit", whole(1, limits.pageLengthMax)), limits.pageLengthDefault),
    consistency: orElse(said("consistency", Consistency), "linearizable"),
    lastEventId: said("last-event-id", EventId),
    id: said("id", NodeId),
    nodeId: said("nodeId", NodeId),
    raft: said("raft", Address),
    to: said("to", NodeId)
  }
}

/** A field that may be absent, and then is `value`. */
export const orElse = <S extends Schema.Top & Schema.WithoutConstructorDefault & { readonly Rebuild: S }>(
  schema: S,
  value: S["Type"] & S["Encoded"] & S["~type.make.in"]
) =>
  schema.annotate({ default: value }).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(value)),
    Schema.withConstructorDefault(Effect.succeed(value))
  )

const whole = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

// The length comes last: the API description shows what the last check says of itself.
const text = (minimum: number, maximum: number, ...checks: ReadonlyArray<SchemaAST.Check<string>>) =>
  Schema.String.check(isUtf8Within(maximum), ...checks, Schema.isBetweenLength(minimum, maximum))

// A length counts UTF-16 units, and a limit counts bytes of UTF-8. A lone surrogate has no bytes.
const isUtf8Within = (bytesMax: number) =>
  Schema.makeFilter((text: string) => text.isWellFormed() && utf8Length(text) <= bytesMax)

const hasNoNul = Schema.makeFilter((text: string) => !text.includes("\0"))

const isNoDotSegment = Schema.makeFilter((name: string) => name !== "." && name !== "..")

const utf8Length = (text: string): number => {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // The two halves of a surrogate pair are two units and four bytes.
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2
  }
  return bytes
}

const count = (n: number) => n.toLocaleString("en-US")

const wholeNumber = (minimum: number, maximum: number, of = "") =>
  `a whole number from ${count(minimum)} to ${count(maximum)}${of === "" ? "" : ` (${of})`}`

const textOf = (bytesMax: number) => `text of at most ${count(bytesMax)} bytes of UTF-8`
