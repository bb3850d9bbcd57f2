/**
 * The node drive of the simulator: whole nodes and real clients, a few seeds here, any number with
 * `npm run sim -- --drive node --seeds N`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { simulateNodes } from "../../src/sim/nodes/NodeSimulation.ts"
import { NodeTally } from "../../src/sim/nodes/NodeTally.ts"
import { draw } from "../../src/sim/Scenario.ts"

/** Short ones with faults of all kinds between them. */
const seeds = [8, 30, 32, 37]

describe("Whole nodes and real clients under every fault", () => {
  it.live("keep every promise, and all recovers", () =>
    Effect.gen(function*() {
      const sum: Record<string, number> = {}
      for (const seed of seeds) {
        const tally = yield* simulateNodes({ ...draw(seed), faultyMillis: 2500 })
        for (const [name, count] of Object.entries(tally)) sum[name] = (sum[name] ?? 0) + count
      }
      assert.deepStrictEqual(Object.keys(new NodeTally()).filter((name) => sum[name] === 0 && name !== "losses"), [])
    }), 120_000)

  it.live("the same seed gives the same run, line by line", () =>
    Effect.gen(function*() {
      const told = Effect.fnUntraced(function*(seed: number) {
        const lines: Array<string> = []
        const note = (now: () => number) => (kind: string, text: string) => void lines.push(`${now()} ${kind} ${text}`)
        const scenario = { ...draw(seed), faultyMillis: 1500 }
        yield* simulateNodes(scenario, (now) => ({ isKept: true, note: note(now) }))
        return lines
      })
      const first = yield* told(9)
      assert.isAbove(first.length, 10)
      assert.deepStrictEqual(yield* told(9), first)
    }), 120_000)
})
