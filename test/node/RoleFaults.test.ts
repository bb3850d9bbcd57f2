/**
 * A node among broken parts and peers that say what they should not: it stops and is seen to stop, or
 * goes on as if nothing had been said.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { RequestId, SessionHash } from "../../src/lock/Identifiers.ts"
import * as Codec from "../../src/node/codec/Codec.ts"
import type { PeerMessage } from "../../src/node/peers/PeerMessage.ts"
import { RaftNode, type Request } from "../../src/node/RaftNode.ts"
import { LogIndex, Term } from "../../src/raft/Entry.ts"
import { ClusterId } from "../../src/raft/Membership.ts"
import { RaftMessage } from "../../src/raft/RaftMessage.ts"
import { electionMillis, layer, peers, timings, Wire } from "./transport/Wire.ts"

const [two, three] = peers

const alone = layer(timings)

const vote = (preVote: boolean) => RaftMessage.cases.Vote.make({ term: Term.make(2), preVote, granted: true })

/** Stands as the leader of term 2. */
const lead = Effect.gen(function*() {
  const wire = yield* Wire
  for (const peer of peers) yield* wire.connect(peer)
  yield* TestClock.adjust(electionMillis)
  for (const preVote of [true, false]) {
    yield* wire.receive(two, vote(preVote))
    yield* TestClock.adjust(0)
  }
  const node = yield* RaftNode
  assert.strictEqual((yield* node.status).role, "Leader")
  return { node, wire }
})

describe("a fiber of a role that dies", () => {
  it.effect("ends the node: a leader that cannot speak to a follower any more does not lead on", () =>
    Effect.gen(function*() {
      const { node, wire } = yield* lead
      const join = yield* Effect.forkChild(Effect.exit(node.join))
      wire.breakDown()
      yield* TestClock.adjust(100)
      assert.isDefined(join.pollUnsafe(), "the node has stopped")
      const exit = yield* Fiber.join(join)
      assert.isTrue(Exit.isFailure(exit) && Cause.pretty(exit.cause).includes("the connection is broken"))
    }).pipe(Effect.provide(alone)))
})

describe("a peer that speaks of a snapshot whose bytes it never sent", () => {
  it.effect("is not believed", () =>
    Effect.gen(function*() {
      const { node, wire } = yield* lead
      const { commitIndex } = yield* node.status
      const join = yield* Effect.forkChild(Effect.exit(node.join))
      const membership = { clusterId: ClusterId.make("another"), members: [] }
      const at = { index: LogIndex.make(1000), term: Term.make(9) }
      const snapshot = { ...at, time: 0, configIndex: at.index, membership }
      yield* wire.receive(two, RaftMessage.cases.InstallSnapshot.make({ term: at.term, round: 0, snapshot }))
      yield* TestClock.adjust(10)
      assert.isUndefined(join.pollUnsafe(), "the node has not stopped")
      assert.strictEqual((yield* node.status).commitIndex, commitIndex)
    }).pipe(Effect.provide(alone)))
})

describe("a peer that names a request of somebody else", () => {
  const request = RequestId.make("node1/boot/1")
  const open: Request = {
    _tag: "OpenSession",
    request,
    session: SessionHash.make("session"),
    ttlMillis: 60_000,
    label: ""
  }
  const end: Request = { _tag: "EndSession", request, session: SessionHash.make("another") }

  for (
    const [how, name] of [["as its own", request], ["under another name", RequestId.make("node3/boot/1")]] as const
  ) {
    it.effect(`does not keep its caller from the answer, ${how}`, () =>
      Effect.gen(function*() {
        const { node, wire } = yield* lead
        const says = wire.say(three, { _tag: "Propose", request: name, command: Codec.command.encode(end) })
        if (name !== request) yield* says
        const caller = yield* Effect.forkChild(node.submit(open), { startImmediately: true })
        if (name === request) yield* says
        yield* TestClock.adjust(0)
        const matchIndex = LogIndex.make((yield* node.status).lastLogIndex)
        yield* wire.receive(two, RaftMessage.cases.Appended.make({ term: Term.make(2), matchIndex, round: 0 }))
        yield* TestClock.adjust(0)
        assert.isDefined(caller.pollUnsafe(), "the caller has its answer")
        assert.strictEqual((yield* Fiber.join(caller))._tag, "SessionOpened")
      }).pipe(Effect.provide(alone)))
  }
})

describe("a command that a peer passes on", () => {
  const request = RequestId.make("node3/boot/1")
  const session = SessionHash.make("session")
  const command = Codec.command.encode({ _tag: "OpenSession", request, session, ttlMillis: 60_000, label: "" })
  const propose = (term?: number): PeerMessage => ({
    _tag: "Propose",
    request,
    command,
    ...(term === undefined ? {} : { term: Term.make(term) })
  })

  it.effect("is done once, though it comes again after its answer", () =>
    Effect.gen(function*() {
      const { node, wire } = yield* lead
      yield* wire.say(three, propose(2))
      yield* TestClock.adjust(0)
      const { lastLogIndex } = yield* node.status
      yield* wire.receive(
        two,
        RaftMessage.cases.Appended.make({ term: Term.make(2), matchIndex: lastLogIndex, round: 0 })
      )
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(wire.told().map(({ message }) => message._tag), ["Answer"])
      for (const copy of [propose(2), propose()]) {
        yield* wire.say(three, copy)
        yield* TestClock.adjust(0)
        assert.strictEqual((yield* node.status).lastLogIndex, lastLogIndex)
      }
      assert.deepStrictEqual(wire.told(), [])
    }).pipe(Effect.provide(alone)))

  it.effect("is refused by the leader of another term than it was meant for, and may be sent for this one", () =>
    Effect.gen(function*() {
      const { node, wire } = yield* lead
      const { lastLogIndex } = yield* node.status
      yield* wire.say(three, propose(1))
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(wire.told().map(({ message }) => message), [
        { _tag: "Refuse", request, reason: "not-leader" }
      ])
      assert.strictEqual((yield* node.status).lastLogIndex, lastLogIndex)
      yield* wire.say(three, propose(2))
      yield* TestClock.adjust(0)
      assert.strictEqual((yield* node.status).lastLogIndex, lastLogIndex + 1)
    }).pipe(Effect.provide(alone)))
})

describe("a peer that says what cannot be read", () => {
  it.effect("changes nothing, and the node goes on", () =>
    Effect.gen(function*() {
      const { node, wire } = yield* lead
      const garbage = new Uint8Array([255, 1, 2, 3])
      const tick = Codec.command.encode({ _tag: "Tick" })
      const { lastLogIndex } = yield* node.status
      yield* wire.say(three, { _tag: "Propose", request: "a", command: garbage })
      yield* wire.say(three, { _tag: "Propose", request: "b", command: tick })
      yield* wire.say(three, { _tag: "Query", request: "c", query: garbage })
      yield* wire.say(three, { _tag: "Answer", request: "d", answer: garbage })
      yield* TestClock.adjust(100)
      assert.deepStrictEqual(wire.told(), [])
      const status = yield* node.status
      assert.deepStrictEqual([status.role, status.lastLogIndex], ["Leader", lastLogIndex])
    }).pipe(Effect.provide(alone)))
})

describe("a follower that hears of entries and of what takes their place, in one turn", () => {
  const entries = (term: number, from: number, count: number): RaftMessage =>
    RaftMessage.cases.AppendEntries.make({
      term: Term.make(term),
      prevLogIndex: LogIndex.make(from - 1),
      prevLogTerm: Term.make(1),
      entries: Array.from({ length: count }, (_, at) => ({
        index: LogIndex.make(from + at),
        term: Term.make(term),
        time: 0,
        payload: { _tag: "Noop" }
      })),
      leaderCommit: LogIndex.make(1),
      round: 0
    })

  it.effect("writes what is left, and acknowledges that alone", () =>
    Effect.gen(function*() {
      const wire = yield* Wire
      const node = yield* RaftNode
      for (const peer of peers) yield* wire.connect(peer)
      yield* TestClock.adjust(0)
      yield* wire.receive(two, entries(1, 2, 3))
      yield* wire.receive(three, entries(2, 2, 1))
      yield* TestClock.adjust(0)
      assert.strictEqual((yield* node.status).lastLogIndex, 2)
      assert.strictEqual(wire.storedTo(), 2)
      const acknowledged = wire.take().flatMap(({ message, to }) =>
        message._tag === "Appended" ? [{ to, term: message.term, matchIndex: message.matchIndex }] : []
      )
      assert.deepEqual<unknown>(acknowledged, [{ to: three, term: 2, matchIndex: 2 }])
    }).pipe(Effect.provide(alone)))
})
