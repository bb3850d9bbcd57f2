/**
 * Looking over client RPC, handed to the service that HTTP uses too.
 */
import { Effect } from "effect"
import { Limits } from "../../api/Limits.ts"
import { LookRpcs } from "../../api/rpc/LookRpcs.ts"
import { Locks } from "../Locks.ts"

export const layer = LookRpcs.toLayer(Effect.gen(function*() {
  const locks = yield* Locks
  const { pageLengthMax } = yield* Limits
  return LookRpcs.of({
    explainLock: ({ consistency, name }) => locks.explain(name, consistency),
    lockHistory: ({ consistency, name }) => locks.history(name, consistency),
    listLocks: ({ limit, ...options }) => locks.list({ ...options, limit: Math.min(limit, pageLengthMax) }),
    listSessions: ({ limit, ...options }) => locks.sessions({ ...options, limit: Math.min(limit, pageLengthMax) })
  })
}))
