/** A follower whose connection is congested, under many reads: each turn has a heartbeat for it. */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Queue } from "effect"
import type { PeerMessage } from "../../../src/node/peers/PeerMessage.ts"
import * as Replicators from "../../../src/node/peers/Replicators.ts"
import type { Shell } from "../../../src/node/Shell.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import type { RaftMessage } from "../../../src/raft/RaftMessage.ts"
import { appendEntries, entriesOf, leader } from "../../raft/support/build.ts"

const follower = NodeId.make("n2")

/** Replicators to one follower, which takes nothing before it is told to, and what it has been sent by then. */
const congested = Effect.gen(function*() {
  const said: Array<RaftMessage> = []
  const drained = yield* Deferred.make<void>()
  const hear = (messages: ReadonlyArray<PeerMessage>) => {
    said.push(...messages.flatMap((one) => one._tag === "Raft" ? [one.message] : []))
  }
  const links = {
    write: (to: ReadonlyArray<NodeId>) => to,
    send: (_: NodeId, messages: ReadonlyArray<PeerMessage>) =>
      Effect.andThen(Deferred.await(drained), Effect.sync(() => hear(messages)))
  }
  const shell = { inbox: yield* Queue.bounded(10), links } as unknown as Shell
  const replicators = yield* Replicators.make(shell)
  yield* replicators.follow(leader())
  // It is in the hands of the fiber, which waits for the connection.
  replicators.replicate(new Map([[follower, [appendEntries({ term: 1, prev: [1, 1] })]]]))
  yield* Effect.yieldNow
  return {
    say: (...messages: ReadonlyArray<RaftMessage>) => replicators.replicate(new Map([[follower, messages]])),
    drain: Effect.gen(function*() {
      yield* Deferred.succeed(drained, undefined)
      for (let turn = 0; turn < 20; turn++) yield* Effect.yieldNow
      return said.slice(1)
    })
  }
})

const beat = (prev: number, round: number) => appendEntries({ term: 1, prev: [prev, 1], round })

describe("What waits for a follower", () => {
  it.effect("keeps its entries, whatever number of heartbeats comes behind them, and the last of those", () =>
    Effect.gen(function*() {
      const { drain, say } = yield* congested
      const entry = appendEntries({ term: 1, prev: [1, 1], entries: entriesOf([1], {}, 2) })
      say(entry)
      for (let round = 1; round <= 5000; round++) say(beat(2, round))
      assert.deepStrictEqual(yield* drain, [entry, beat(2, 5000)])
    }).pipe(Effect.scoped))

  it.effect("leaves in order, and a heartbeat at another place stays", () =>
    Effect.gen(function*() {
      const { drain, say } = yield* congested
      const entry = appendEntries({ term: 1, prev: [2, 1], entries: entriesOf([1], {}, 3) })
      say(beat(1, 1), beat(2, 2))
      say(beat(2, 3), entry, beat(3, 4))
      assert.deepStrictEqual(yield* drain, [beat(1, 1), beat(2, 3), entry, beat(3, 4)])
    }).pipe(Effect.scoped))
})
