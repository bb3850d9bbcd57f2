/**
 * A conversation with a client that asks for more than a node has room for: it is told so for each operation too many,
 * and hears on.
 */
import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import { SessionId } from "../../../src/api/Fields.ts"
import type { Operation, Outcome } from "../../../src/api/rpc/Conversation.ts"
import type { Locks } from "../../../src/server/Locks.ts"
import { Talk } from "../../../src/server/rpc/Talk.ts"

const session = SessionId.make(Redacted.make("s".repeat(22)))

const acquire = (id: number, waitMs: number): Operation => ({
  _tag: "Acquire",
  id,
  seq: id,
  lock: "a",
  owner: "",
  waitMs
})

const release = (id: number): Operation => ({ _tag: "Release", id, seq: id, lock: "a", owner: "", token: 1 })

/** Nothing that is begun comes to an end. */
const makeTalk = () => {
  const begun: Array<number> = []
  const locks = {
    perform: ({ id }: Operation) => {
      begun.push(id)
      return () => {}
    }
  } as unknown as Locks["Service"]
  const talk = new Talk({ locks, check: () => null, waitMillisMax: 3_600_000, fork: () => {}, onTold: () => {} })
  return {
    begun,
    operate: (operations: ReadonlyArray<Operation>): ReadonlyArray<Outcome> => {
      talk.operate([{ session, operations }])
      return talk.take()
    }
  }
}

const tagsOf = (outcomes: ReadonlyArray<Outcome>) =>
  outcomes.map((outcome) => outcome._tag === "Failed" ? [outcome.id, outcome.problem._tag] : [outcome._tag])

describe("A conversation with more under way than a node has room for", () => {
  it("goes on: each wait too many is told so, and what ends one is let in", () => {
    const { begun, operate } = makeTalk()
    const waiting = Array.from({ length: 131_072 }, (_, at) => acquire(at, 1000))
    assert.deepStrictEqual(operate(waiting), [])
    const outcomes = operate([acquire(200_001, 1000), acquire(200_002, 0), release(200_003), acquire(200_004, 1000)])
    assert.deepStrictEqual(tagsOf(outcomes), [[200_001, "Overloaded"], [200_004, "Overloaded"]])
    assert.deepStrictEqual(begun.slice(131_072), [200_002, 200_003])
  })

  it("has a bound for everything", () => {
    const { operate } = makeTalk()
    operate(Array.from({ length: 262_144 }, (_, at) => release(at)))
    assert.deepStrictEqual(tagsOf(operate([release(300_001)])), [[300_001, "Overloaded"]])
    const asking = (id: number): Operation => ({ _tag: "Look", id, lock: "a" })
    assert.deepStrictEqual(tagsOf(operate([asking(300_002)])), [[300_002, "Overloaded"]])
  })
})
