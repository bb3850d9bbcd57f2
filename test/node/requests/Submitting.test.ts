/**
 * A renewal that waits for others on its way into the inbox: it is told its outcome once, and that nothing was done
 * only when that is so, also where the inbox has no room for it in the end.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { SessionHash } from "../../../src/lock/Identifiers.ts"
import { RaftNode } from "../../../src/node/RaftNode.ts"
import { paceMillis, unpacedMax } from "../../../src/node/requests/RenewalPace.ts"
import type { Outcome } from "../../../src/node/requests/Requests.ts"
import { inboxLengthMax } from "../../../src/node/Shell.ts"
import { Term } from "../../../src/raft/Entry.ts"
import { RaftMessage } from "../../../src/raft/RaftMessage.ts"
import { layer, peers, timings, Wire } from "../transport/Wire.ts"

const [two, three] = peers
const term = Term.make(2)

const alone = layer(timings)

const vote = (preVote: boolean) => RaftMessage.cases.Vote.make({ term, preVote, granted: true })

/** A leader whose disk hangs with its next write, which `begin` has it make. */
const lead = Effect.gen(function*() {
  const wire = yield* Wire
  for (const peer of peers) yield* wire.connect(peer)
  yield* TestClock.adjust(400)
  for (const preVote of [true, false]) {
    yield* wire.receive(two, vote(preVote))
    yield* TestClock.adjust(0)
  }
  wire.hang()
  const node = yield* RaftNode
  const renew = (settle: (outcome: Outcome) => void) =>
    node.propose((request) => ({ _tag: "RenewSession", request, session: SessionHash.make("session") }), 0, settle)
  const told: Array<Outcome> = []
  const renewMany = Effect.sync(() => {
    for (let at = 0; at < unpacedMax; at++) renew(() => {})
    return renew((outcome) => told.push(outcome))
  })
  let received = 0
  const more = Effect.andThen(wire.receive(two, vote(true)), Effect.sync(() => received++))
  const fillInbox = Effect.andThen(
    Effect.forkChild(Effect.replicateEffect(more, inboxLengthMax, { discard: true })),
    Effect.repeat(Effect.yieldNow, { until: () => received >= inboxLengthMax - 2 * unpacedMax })
  )
  const begin = Effect.andThen(Effect.sync(() => renew(() => {})), TestClock.adjust(0))
  return { begin, renewMany, told, fillInbox, wire }
})

describe("A renewal that waits for others, and then finds no room,", () => {
  it.effect("is not told that nothing was done when it went to the leader meanwhile", () =>
    Effect.gen(function*() {
      const { fillInbox, renewMany, told, wire } = yield* lead
      yield* renewMany
      // What is not sent yet goes with each new link.
      yield* wire.connect(three)
      yield* fillInbox
      yield* TestClock.adjust(paceMillis)
      assert.deepStrictEqual(told, [])
    }).pipe(Effect.provide(alone)))

  it.effect("is told nothing when its caller has gone", () =>
    Effect.gen(function*() {
      const { begin, fillInbox, renewMany, told } = yield* lead
      yield* begin
      const forget = yield* renewMany
      forget()
      yield* fillInbox
      yield* TestClock.adjust(paceMillis)
      assert.deepStrictEqual(told, [])
    }).pipe(Effect.provide(alone)))

  it.effect("is told so at once otherwise", () =>
    Effect.gen(function*() {
      const { begin, fillInbox, renewMany, told } = yield* lead
      yield* begin
      yield* renewMany
      yield* fillInbox
      yield* TestClock.adjust(paceMillis)
      assert.deepStrictEqual(told, [{ failure: "overloaded" }])
    }).pipe(Effect.provide(alone)))
})
