/**
 * The core alone under drawn faults: some hundred seeds here; more with
 * `HOLDFAST_RAFT_SEEDS=20000 HOLDFAST_RAFT_FROM=1 npx vitest run test/raft/simulation.test.ts`.
 */
import { assert, describe, it } from "@effect/vitest"
import { snapshotAt } from "../../src/raft/Compaction.ts"
import * as RaftCore from "../../src/raft/RaftCore.ts"
import { initial } from "../../src/raft/RaftState.ts"
import { draw } from "./sim/Options.ts"
import { simulate, Violation } from "./sim/Simulation.ts"
import { Tally } from "./sim/Tally.ts"

const core = { ...RaftCore, initial, snapshotAt }
const from = Number(process.env["HOLDFAST_RAFT_FROM"] ?? 1)
const seeds = Number(process.env["HOLDFAST_RAFT_SEEDS"] ?? 300)

describe("Under loss, repetition, delay, cuts, crashes, pauses and lost disks", () => {
  it(`the core keeps every invariant and recovers (${seeds} seeds)`, { timeout: 60_000 + 100 * seeds }, () => {
    const sum = new Tally()
    for (let seed = from; seed < from + seeds; seed++) {
      const run = simulate(core, draw(seed))
      assert.deepStrictEqual(run.missing(["elections", "commits"]), [], `seed ${seed} is hollow`)
      sum.add(run)
    }
    assert.deepStrictEqual(sum.missing(), [], "these seeds together are hollow")
  })

  it("the same seed gives the same run, and another seed another one", () => {
    const hashOf = (seed: number) => simulate(core, draw(seed)).hash
    assert.strictEqual(hashOf(3), hashOf(3))
    assert.notStrictEqual(hashOf(3), hashOf(4))
  })
})

describe("The simulation", () => {
  it("notices a run in which nothing goes wrong", () => {
    const calm = {
      ...draw(2),
      voters: 3,
      faults: ["heal"],
      huntsLeaders: false,
      lossRate: 0,
      duplicateRate: 0
    } as const
    assert.includeMembers([...simulate(core, calm).missing()], ["crashes", "wipes", "cuts", "pauses", "repeated"])
  })

  it("names the seed and the rule when a rule is broken", () => {
    const deaf = { ...core, steps: (state: Parameters<typeof core.steps>[0]) => [state, []] as const }
    assert.throws(() => simulate(deaf, draw(7)), Violation, /^seed 7 at 9000 ms: no recovery/)
  })
})
