/**
 * Two closer looks at one lock, as the API shows them: why one waits and for how long, and who held it when.
 *
 * Points in time are for people: they come from the wall clocks of leaders, which may differ and be set.
 */
import { Schema } from "effect"
import { LockMode } from "./Fields.ts"
import { Holder } from "./Problems.ts"

const Waiter = Schema.Struct({
  position: Schema.Natural,
  label: Schema.String,
  owner: Schema.String,
  mode: LockMode,
  waitedMs: Schema.Natural,
  waitEndsInMs: Schema.Natural,
  estimatedWaitMs: Schema.NullOr(Schema.Natural)
}).annotate({ identifier: "Waiter" })

const Estimate = Schema.Struct({
  waitMs: Schema.NullOr(Schema.Natural),
  atMostMs: Schema.NullOr(Schema.Natural),
  typicalHoldMs: Schema.NullOr(Schema.Natural),
  holdsSeen: Schema.Natural
}).annotate({ identifier: "Estimate" })

export const Explanation = Schema.Struct({
  name: Schema.String,
  mode: Schema.NullOr(LockMode),
  permits: Schema.Natural,
  holders: Schema.Array(Holder),
  queueLength: Schema.Natural,
  lockDelayLeftMs: Schema.Natural,
  lastToken: Schema.NullOr(Schema.Natural),
  queue: Schema.Array(Waiter),
  estimate: Estimate
}).annotate({ identifier: "Explanation" })
export type Explanation = typeof Explanation.Type

const Hold = Schema.Struct({
  token: Schema.Natural,
  label: Schema.String,
  owner: Schema.String,
  mode: LockMode,
  grantedAt: Schema.NullOr(Schema.String),
  endedAt: Schema.NullOr(Schema.String),
  heldMs: Schema.Natural,
  ended: Schema.NullOr(Schema.Literals(["released", "session-ended", "session-expired", "max-hold", "withdrawn"]))
}).annotate({ identifier: "Hold" })
export type Hold = typeof Hold.Type

export const History = Schema.Struct({ name: Schema.String, history: Schema.Array(Hold) }).annotate({
  identifier: "History"
})
export type History = typeof History.Type
