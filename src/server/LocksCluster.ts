/**
 * `Locks` over the cluster: requests become commands and queries of this node, outcomes become answers.
 *
 * Session ids are minted here and leave only in the answer that makes them; what goes into the log is
 * their hash. Nobody who hangs up leaves a grant or a waiter behind.
 */
import { Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Release } from "../api/Locks.ts"
import { FencingToken, LockName, type RequestId } from "../lock/Identifiers.ts"
import { RaftNode, type Request } from "../node/RaftNode.ts"
import { Tracing } from "../node/tracing/Tracing.ts"
import { makeAcquire } from "./cluster/Acquiring.ts"
import * as Answers from "./cluster/Answers.ts"
import { makeChange } from "./cluster/Changing.ts"
import { Draining } from "./cluster/Draining.ts"
import { makePerform } from "./cluster/Performing.ts"
import * as Reads from "./cluster/Reads.ts"
import { hashOf, mintSession } from "./cluster/SessionIds.ts"
import { Locks } from "./Locks.ts"

export const layer = Layer.effect(
  Locks,
  Effect.gen(function*() {
    const node = yield* RaftNode
    const random = yield* SecureRandom.SecureRandom
    const draining = new Draining()
    const change = makeChange(node, draining, (yield* Tracing) !== null)
    const acquire = yield* makeAcquire({ node, change, random, isStopping: () => draining.isDone })

    return Locks.of({
      openSession: ({ label, ttlMs }) =>
        Effect.flatMap(mintSession(random), (id) => {
          const session = hashOf(id)
          const reply = change((request) => ({ _tag: "OpenSession", request, session, ttlMillis: ttlMs, label }))
          return Effect.flatMap(reply, (reply) => Answers.opened(id, reply))
        }),
      renewSession: (id) =>
        Effect.flatMap(
          change((request) => ({ _tag: "RenewSession", request, session: hashOf(id) })),
          Answers.renewed
        ),
      endSession: (id) => Effect.asVoid(change((request) => ({ _tag: "EndSession", request, session: hashOf(id) }))),
      acquire,
      release: (name, release) =>
        Effect.flatMap(change((request) => releaseOf(request, name, release)), Answers.released),
      perform: makePerform(node, draining),
      onTold: node.onSettled,
      ...looks(node, draining),
      drain: draining.drain
    })
  })
)

const releaseOf = (request: RequestId, name: string, { session, token, ...options }: Release): Request => ({
  _tag: "Release",
  request,
  lock: LockName.make(name),
  session: hashOf(session),
  token: FencingToken.make(token),
  ...options
})

const looks = (node: RaftNode["Service"], draining: Draining) =>
  ({
    check: (name, token) =>
      draining.read(Reads.valid(node, { _tag: "Check", lock: LockName.make(name), token: FencingToken.make(token) })),
    get: (name, consistency) =>
      draining.read(Reads.lock(node, { _tag: "Lock", lock: LockName.make(name) }, consistency)),
    explain: (name, consistency) =>
      draining.read(Reads.explained(node, { _tag: "Explain", lock: LockName.make(name) }, consistency)),
    history: (name, consistency) =>
      draining.read(Reads.history(node, { _tag: "History", lock: LockName.make(name) }, consistency)),
    list: ({ consistency, cursor, limit, prefix }) =>
      draining.read(Reads.locks(node, {
        _tag: "Locks",
        prefix: prefix ?? "",
        limit,
        cursor: cursor === undefined ? null : LockName.make(cursor)
      }, consistency)),
    sessions: ({ consistency, cursor, limit }) =>
      draining.read(Reads.sessions(node, { _tag: "Sessions", limit, cursor: cursor ?? null }, consistency))
  }) satisfies Partial<Locks["Service"]>
