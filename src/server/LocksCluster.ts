/**
 * `Locks` over the cluster: requests become commands and queries of this node, outcomes become answers.
 *
 * Session ids are minted here and leave only in the answer that makes them; what goes into the log is
 * their hash. Nobody who hangs up leaves a grant or a waiter behind.
 */
import { Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import type { SessionId } from "../api/Fields.ts"
import type { Release } from "../api/Locks.ts"
import type { OpenSession } from "../api/Sessions.ts"
import { FencingToken, LockName } from "../lock/Identifiers.ts"
import { RaftNode } from "../node/RaftNode.ts"
import { makeAcquire } from "./cluster/Acquiring.ts"
import * as Answers from "./cluster/Answers.ts"
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
    const acquire = yield* makeAcquire(node, random, () => draining.isDone)

    const openSession = Effect.fnUntraced(function*({ label, ttlMs }: OpenSession) {
      const id = yield* mintSession(random)
      const request = yield* node.nextRequest
      const session = hashOf(id)
      const reply = yield* node.submit({ _tag: "OpenSession", request, session, ttlMillis: ttlMs, label })
      return yield* Answers.opened(id, reply)
    })
    const renewSession = Effect.fnUntraced(function*(id: SessionId) {
      const request = yield* node.nextRequest
      return yield* Answers.renewed(yield* node.submit({ _tag: "RenewSession", request, session: hashOf(id) }))
    })
    const endSession = Effect.fnUntraced(function*(id: SessionId) {
      const request = yield* node.nextRequest
      yield* node.submit({ _tag: "EndSession", request, session: hashOf(id) })
    })
    const release = Effect.fnUntraced(function*(name: string, { session, token, ...options }: Release) {
      const request = yield* node.nextRequest
      const reply = yield* node.submit({
        _tag: "Release",
        request,
        lock: LockName.make(name),
        session: hashOf(session),
        token: FencingToken.make(token),
        ...options
      })
      yield* Answers.released(reply)
    })

    return Locks.of({
      openSession: (request) => draining.change(Answers.orUnavailable(openSession(request))),
      renewSession: (session) => draining.change(Answers.orUnavailable(renewSession(session))),
      endSession: (session) => draining.change(Answers.orUnavailable(endSession(session))),
      acquire: (name, request) => draining.change(Answers.orUnavailable(acquire(name, request))),
      release: (name, request) => draining.change(Answers.orUnavailable(release(name, request))),
      perform: makePerform(node, draining),
      ...looks(node, draining),
      drain: draining.drain
    })
  })
)

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
