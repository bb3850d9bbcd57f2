/**
 * What becomes of locks, as it happens: server-sent events over HTTP, the same events as a stream over client RPC.
 *
 * The id of an event is its place in the log, the same on every node, and whoever names it goes on behind it, there or
 * at another node. What cannot be told any more is said to be missing; and whoever reads too slowly is told so.
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { type Fields, LockMode } from "./Fields.ts"
import { InvalidRequest, OverloadedAnswer } from "./Problems.ts"

const about = {
  name: Schema.String,
  mode: LockMode,
  label: Schema.String,
  owner: Schema.String,
  // Absent too when an earlier release of a node tells it.
  at: Schema.optionalKey(Schema.String)
}
const token = Schema.Natural
const queueLength = Schema.Natural

/** Everything that a watcher is told, by its name. */
const told = {
  granted: Schema.Struct({ ...about, token, waitedMs: Schema.Natural, queueLength }),
  released: Schema.Struct({
    ...about,
    token,
    heldMs: Schema.Natural,
    reason: Schema.Literals(["released", "session-ended", "withdrawn"]),
    queueLength
  }),
  expired: Schema.Struct({
    ...about,
    token,
    heldMs: Schema.Natural,
    reason: Schema.Literals(["session-expired", "max-hold"]),
    queueLength
  }),
  queued: Schema.Struct({ ...about, queueLength }),
  left: Schema.Struct({
    ...about,
    waitedMs: Schema.Natural,
    reason: Schema.Literals(["timeout", "withdrawn", "session-ended", "session-expired"]),
    queueLength
  }),
  leader: Schema.Struct({ term: Schema.Natural, leaderId: Schema.NullOr(Schema.String) }),
  /** Events are missing here, for this reason, between the id that was named and the id of this. */
  gap: Schema.Struct({ after: Schema.String, reason: Schema.Literals(["forgotten", "snapshot", "unknown"]) }),
  /** Nothing else has happened up to here. */
  at: Schema.Struct({}),
  /** The last of a stream that the node ends. */
  "cut-off": Schema.Struct({ reason: Schema.Literals(["too-slow", "stopping"]) })
} as const

type Told = typeof told
type Name = keyof Told

const asJson = <const N extends Name>(event: N) =>
  Schema.Struct({ id: Schema.String, event: Schema.Literal(event), data: Schema.fromJsonString(told[event]) })

const asIs = <const N extends Name>(event: N) =>
  Schema.Struct({ id: Schema.String, event: Schema.Literal(event), data: told[event] })

const ServerSentEvent = Schema.Union([
  asJson("granted"),
  asJson("released"),
  asJson("expired"),
  asJson("queued"),
  asJson("left"),
  asJson("leader"),
  asJson("gap"),
  asJson("at"),
  asJson("cut-off")
])

/** The same where nothing need be text. */
export const WatchEvent = Schema.Union([
  asIs("granted"),
  asIs("released"),
  asIs("expired"),
  asIs("queued"),
  asIs("left"),
  asIs("leader"),
  asIs("gap"),
  asIs("at"),
  asIs("cut-off")
])
export type WatchEvent = typeof WatchEvent.Type

export interface WatchOptions {
  /** Only of locks whose names begin so; who leads is told to everybody. */
  readonly prefix: string
  /** Begins behind this event. Absent: with what happens from now on. */
  readonly after?: string | undefined
}

export const makeEventsGroup = (fields: Fields) =>
  HttpApiGroup.make("events").add(
    HttpApiEndpoint.get("watch", "/v1/events", {
      query: { prefix: Schema.optionalKey(fields.prefix) },
      headers: { "last-event-id": Schema.optionalKey(fields.lastEventId) },
      success: HttpApiSchema.StreamSse({ events: ServerSentEvent }),
      error: [OverloadedAnswer, InvalidRequest]
    }).annotate(OpenApi.Summary, "What becomes of locks, as it happens")
  )
