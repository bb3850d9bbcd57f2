/**
 * Timers of the roles, by the test's clock: not before, and then.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Random, Schema } from "effect"
import { TestClock } from "effect/testing"
import { RaftNode } from "../../src/node/RaftNode.ts"
import { LogIndex, Term } from "../../src/raft/Entry.ts"
import { RaftMessage } from "../../src/raft/RaftMessage.ts"
import { electionMillis, layer, peers, self, type Sent, timings, Wire } from "./transport/Wire.ts"

const [two, three] = peers

const fixed = layer(timings)

const heartbeat = (term: number) =>
  RaftMessage.cases.AppendEntries.make({
    term: Term.make(term),
    prevLogIndex: LogIndex.make(1),
    prevLogTerm: Term.make(1),
    entries: [],
    leaderCommit: LogIndex.make(1),
    round: 0
  })

const vote = (term: number, preVote: boolean) =>
  RaftMessage.cases.Vote.make({ term: Term.make(term), preVote, granted: true })

const requests = (sent: ReadonlyArray<Sent>) =>
  sent.flatMap(({ message, to }) =>
    message._tag === "RequestVote" ? [{ to, term: message.term as number, preVote: message.preVote }] : []
  )

const preVotes = (term: number) => peers.map((to) => ({ to, term, preVote: true }))
const votes = (term: number) => peers.map((to) => ({ to, term, preVote: false }))

const connectAll = Effect.gen(function*() {
  const wire = yield* Wire
  for (const peer of peers) yield* wire.connect(peer)
  yield* TestClock.adjust(0)
  return wire
})

/** Wins the election that starts after the timeout, and stands as the leader of term 2. */
const lead = Effect.gen(function*() {
  const wire = yield* connectAll
  yield* TestClock.adjust(electionMillis)
  yield* wire.receive(two, vote(2, true))
  yield* TestClock.adjust(0)
  yield* wire.receive(two, vote(2, false))
  yield* TestClock.adjust(0)
  assert.strictEqual((yield* (yield* RaftNode).status).role, "Leader")
  wire.take()
  return wire
})

describe("a follower (§5.2)", () => {
  it.effect("is silent until its election timeout, then asks every peer whether it would be elected", () =>
    Effect.gen(function*() {
      const wire = yield* connectAll
      yield* TestClock.adjust(electionMillis - 1)
      assert.deepStrictEqual(requests(wire.take()), [])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(requests(wire.take()), preVotes(2))
    }).pipe(Effect.provide(fixed)))

  it.effect("waits a whole timeout again after each heartbeat", () =>
    Effect.gen(function*() {
      const wire = yield* connectAll
      for (const _ of [1, 2, 3]) {
        yield* TestClock.adjust(electionMillis - 1)
        yield* wire.receive(two, heartbeat(1))
      }
      yield* TestClock.adjust(electionMillis - 1)
      assert.deepStrictEqual(requests(wire.take()), [])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(requests(wire.take()), preVotes(2))
    }).pipe(Effect.provide(fixed)))

  it.effect("is not kept waiting by a leader of an older term", () =>
    Effect.gen(function*() {
      const wire = yield* connectAll
      yield* TestClock.adjust(electionMillis - 1)
      yield* wire.receive(two, heartbeat(0))
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(requests(wire.take()), preVotes(2))
    }).pipe(Effect.provide(fixed)))

  it.effect("does not wait for the timeout when the link to its leader breaks", () =>
    Effect.gen(function*() {
      const wire = yield* connectAll
      yield* wire.receive(two, heartbeat(1))
      yield* TestClock.adjust(100)
      yield* wire.disconnect(two)
      yield* TestClock.adjust(timings.lostLeaderMillisMin - 1)
      assert.deepStrictEqual(requests(wire.take()), [])
      yield* TestClock.adjust(timings.lostLeaderMillisMax)
      assert.deepStrictEqual(requests(wire.take()), preVotes(2))
    }).pipe(Effect.provide(fixed)))

  it.effect("waits on when the link to another follower breaks", () =>
    Effect.gen(function*() {
      const wire = yield* connectAll
      yield* wire.receive(two, heartbeat(1))
      yield* wire.disconnect(three)
      yield* TestClock.adjust(electionMillis - 1)
      assert.deepStrictEqual(requests(wire.take()), [])
    }).pipe(Effect.provide(fixed)))

  it.effect.prop("asks at the very millisecond it drew", [Schema.Natural], ([seed]) =>
    Effect.gen(function*() {
      const drawn = yield* Random.nextIntBetween(300, 600).pipe(Random.withSeed(seed))
      const wire = yield* Wire
      yield* TestClock.adjust(drawn - 1)
      assert.deepStrictEqual(requests(wire.take()), [])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(requests(wire.take()), preVotes(2))
    }).pipe(
      Effect.provide(layer({ ...timings, electionMillisMin: 300, electionMillisMax: 600 }), { local: true }),
      Random.withSeed(seed)
    ))
})

describe("a candidate (§5.2)", () => {
  it.effect("has its own vote on disk before anyone hears of its term", () =>
    Effect.gen(function*() {
      const wire = yield* connectAll
      yield* TestClock.adjust(electionMillis)
      wire.take()
      yield* wire.receive(three, vote(2, true))
      yield* TestClock.adjust(0)
      const sent = wire.take()
      assert.deepStrictEqual(requests(sent), votes(2))
      for (const { stored } of sent) assert.deepStrictEqual(stored.hardState, { term: Term.make(2), votedFor: self })
    }).pipe(Effect.provide(fixed)))

  it.effect("tries again after another timeout when the vote was split", () =>
    Effect.gen(function*() {
      const wire = yield* connectAll
      yield* TestClock.adjust(electionMillis)
      yield* wire.receive(three, vote(2, true))
      yield* TestClock.adjust(0)
      wire.take()
      yield* TestClock.adjust(electionMillis - 1)
      assert.deepStrictEqual(requests(wire.take()), [])
      yield* TestClock.adjust(1)
      assert.deepStrictEqual(requests(wire.take()), preVotes(3))
    }).pipe(Effect.provide(fixed)))
})

describe("a leader (§5.2, §6.2 of the dissertation)", () => {
  it.effect("sends heartbeats on the interval, and not before", () =>
    Effect.gen(function*() {
      const wire = yield* lead
      for (const _ of [1, 2, 3]) {
        yield* TestClock.adjust(timings.heartbeatMillis - 1)
        assert.deepStrictEqual(wire.take(), [])
        yield* TestClock.adjust(1)
        assert.deepStrictEqual(wire.take().map(({ message, to }) => [to, message._tag]), [
          [two, "AppendEntries"],
          [three, "AppendEntries"]
        ])
      }
    }).pipe(Effect.provide(fixed)))

  it.effect("steps down when no majority has answered for an election timeout", () =>
    Effect.gen(function*() {
      yield* lead
      const node = yield* RaftNode
      yield* TestClock.adjust(electionMillis - 1)
      assert.strictEqual((yield* node.status).role, "Leader")
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* node.status).role, "Follower")
    }).pipe(Effect.provide(fixed)))

  it.effect("gives its fibers up when it steps down: no heartbeat leaves after", () =>
    Effect.gen(function*() {
      const wire = yield* lead
      yield* wire.receive(three, heartbeat(9))
      yield* TestClock.adjust(0)
      wire.take()
      yield* TestClock.adjust(electionMillis - 1)
      assert.deepStrictEqual(wire.take().filter(({ message }) => message._tag === "AppendEntries"), [])
    }).pipe(Effect.provide(fixed)))
})
