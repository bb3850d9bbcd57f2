/**
 * Looking at locks and sessions over client RPC: the same as the GETs of HTTP, with the same answers and errors.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Consistency } from "../Fields.ts"
import { Explanation, History } from "../LockInsight.ts"
import { LockPage } from "../Locks.ts"
import { NoLeader, Overloaded } from "../Problems.ts"
import { SessionPage } from "../Sessions.ts"

const error = Schema.Union([NoLeader, Overloaded])
const oneLock = { name: Schema.String, consistency: Consistency }
/** No node gives more on a page than its own limit. */
const limit = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))

export class LookRpcs extends RpcGroup.make(
  Rpc.make("explainLock", { payload: oneLock, success: Explanation, error }),
  Rpc.make("lockHistory", { payload: oneLock, success: History, error }),
  Rpc.make("listLocks", {
    payload: { prefix: Schema.String, limit, cursor: Schema.optionalKey(Schema.String), consistency: Consistency },
    success: LockPage,
    error
  }),
  Rpc.make("listSessions", {
    payload: { limit, cursor: Schema.optionalKey(Schema.Natural), consistency: Consistency },
    success: SessionPage,
    error
  })
) {}
