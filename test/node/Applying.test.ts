/**
 * When a leader answers: as soon as a majority has what was asked for, whatever else has come meanwhile.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { SessionHash } from "../../src/lock/Identifiers.ts"
import { RaftNode } from "../../src/node/RaftNode.ts"
import type { Outcome } from "../../src/node/requests/Requests.ts"
import { LogIndex, Term } from "../../src/raft/Entry.ts"
import { RaftMessage } from "../../src/raft/RaftMessage.ts"
import { layer, peers, timings, Wire } from "./transport/Wire.ts"

const [two] = peers
const term = Term.make(2)

const alone = layer(timings)

const appended = (matchIndex: number) =>
  RaftMessage.cases.Appended.make({ term, matchIndex: LogIndex.make(matchIndex), round: 0 })

const lead = Effect.gen(function*() {
  const wire = yield* Wire
  for (const peer of peers) yield* wire.connect(peer)
  yield* TestClock.adjust(400)
  for (const preVote of [true, false]) {
    yield* wire.receive(two, RaftMessage.cases.Vote.make({ term, preVote, granted: true }))
    yield* TestClock.adjust(0)
  }
  const node = yield* RaftNode
  const openSession = (name: string, settle: (outcome: Outcome) => void) =>
    node.propose(
      (request) => ({ _tag: "OpenSession", request, session: SessionHash.make(name), ttlMillis: 10_000, label: "" }),
      0,
      settle
    )
  return { openSession, wire }
})

describe("A leader", () => {
  it.effect("answers what is decided before it writes what has come with the decision", () =>
    Effect.gen(function*() {
      const { openSession, wire } = yield* lead
      const answers: Array<{ readonly to: string; readonly storedTo: number }> = []
      const settle = (to: string) => () => answers.push({ to, storedTo: wire.storedTo() })
      openSession("first", settle("first"))
      yield* TestClock.adjust(0)
      const first = wire.storedTo()
      wire.take()
      assert.deepStrictEqual(answers, [])
      yield* wire.receive(two, appended(first))
      openSession("second", settle("second"))
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(answers, [{ to: "first", storedTo: first }])
      assert.strictEqual(wire.storedTo(), first + 1)
      yield* wire.receive(two, appended(first + 1))
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(answers.slice(1), [{ to: "second", storedTo: first + 1 }])
    }).pipe(Effect.provide(alone)))
})
