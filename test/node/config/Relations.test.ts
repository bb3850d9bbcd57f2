/**
 * What settings must be to each other: each relation with the last pair that holds and the first that does
 * not.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { variableName } from "../../../src/node/config/Setting.ts"
import { complaintsOf, loadNode1 } from "./reading.ts"

type Values = Readonly<Record<string, number>>

const variables = (values: Values) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [variableName(key), String(value)]))

const pairs: ReadonlyArray<{ readonly right: Values; readonly wrong: Values; readonly words: string }> = [
  {
    right: { heartbeatMillis: 149 },
    wrong: { heartbeatMillis: 150 },
    words: "must be less than half of electionMillisMin"
  },
  {
    right: { electionMillisMin: 599 },
    wrong: { electionMillisMin: 600 },
    words: "must be less than electionMillisMax"
  },
  {
    right: { lostLeaderMillisMin: 39 },
    wrong: { lostLeaderMillisMin: 40 },
    words: "must be less than lostLeaderMillisMax"
  },
  {
    right: { lostLeaderMillisMax: 299 },
    wrong: { lostLeaderMillisMax: 300 },
    words: "must be less than electionMillisMin"
  },
  { right: { clockStepMillisMax: 60 }, wrong: { clockStepMillisMax: 59 }, words: "must be at least heartbeatMillis" },
  {
    right: { clockStepMillisMax: 300 },
    wrong: { clockStepMillisMax: 301 },
    words: "must be at most electionMillisMin"
  },
  { right: { ttlMillisMax: 1_000 }, wrong: { ttlMillisMax: 999 }, words: "must be at most ttlMillisMax" },
  { right: { maxHoldMillisMax: 1_000 }, wrong: { maxHoldMillisMax: 999 }, words: "must be at most maxHoldMillisMax" },
  { right: { bodyBytesMax: 4_097 }, wrong: { bodyBytesMax: 4_096 }, words: "must be less than bodyBytesMax" },
  { right: { pageLengthMax: 100 }, wrong: { pageLengthMax: 99 }, words: "must be at most pageLengthMax" },
  // Nobody has set the Raft port; peers name 9081 for it.
  {
    right: { httpPort: 9080 },
    wrong: { httpPort: 9081 },
    words: "must be another than raftPort, which is 9081 (by default)"
  },
  { right: { rpcPort: 9080 }, wrong: { rpcPort: 9081 }, words: "must be another than raftPort" },
  { right: { rpcPort: 8080 }, wrong: { rpcPort: 8081 }, words: "must be another than httpPort" }
]

describe("settings that belong together", () => {
  for (const { right, words, wrong } of pairs) {
    it.effect(`${Object.keys(wrong).join()} ${words}`, () =>
      Effect.gen(function*() {
        yield* loadNode1(variables(right))
        const complaints = yield* complaintsOf(variables(wrong))
        assert.lengthOf(complaints, 1)
        assert.include(complaints[0], `, but ${words}`)
      }))
  }

  it.effect("the clock's step follows the shortest election timeout unless it is set", () =>
    Effect.gen(function*() {
      const { config } = yield* loadNode1({ HOLDFAST_ELECTION_MILLIS_MIN: "200" })
      assert.strictEqual(config.timings.clockStepMillisMax, 200)
    }))

  it.effect("a value that is wrong by itself is not judged again", () =>
    Effect.gen(function*() {
      assert.lengthOf(yield* complaintsOf({ HOLDFAST_HEARTBEAT_MILLIS: "x" }), 1)
      assert.lengthOf(yield* complaintsOf({ HOLDFAST_PEERS: "node1@h" }), 1)
    }))
})
