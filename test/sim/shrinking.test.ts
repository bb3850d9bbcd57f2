/**
 * A failing scenario is made small before it is told, and what was found is kept: each regression is a scenario in
 * which a rule was broken once, by the product, by a planted bug or by the simulator itself.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { core } from "../../src/sim/core/Core.ts"
import { simulate } from "../../src/sim/core/Simulation.ts"
import { simulateNodes } from "../../src/sim/nodes/NodeSimulation.ts"
import { draw, type Scenario } from "../../src/sim/Scenario.ts"
import { type Breaks, shrink } from "../../src/sim/Shrinking.ts"

/** A core that never syncs a vote: it gives it, and forgets it when it falls. */
const forgetful = (scenario: Scenario): string | null => {
  const steps: typeof core.steps = (state, events) => {
    const [next, actions] = core.steps(state, events)
    return [next, actions.filter(({ _tag }) => _tag !== "PersistHardState")]
  }
  try {
    simulate(scenario, { core: { ...core, steps } })
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe("A failing scenario", () => {
  it.effect("is made small, and breaks the same rule", () =>
    Effect.gen(function*() {
      const scenario = draw(1)
      const breaks: Breaks = (one) => Effect.sync(() => forgetful(one)?.replace(/^seed \d+ at \d+ ms: /, "") ?? null)
      const small = yield* shrink(scenario, breaks, 60)
      assert.match(forgetful(scenario) ?? "", /durability/)
      assert.match(forgetful(small) ?? "", /durability/)
      assert.isBelow(small.faults.length, 2)
      assert.isAtMost(small.clients.count, 1)
      assert.isBelow(small.faultyMillis, scenario.faultyMillis)
    }))

  it.effect("stays as it is when it does not fail", () =>
    Effect.gen(function*() {
      const scenario = draw(2)
      assert.strictEqual(yield* shrink(scenario, () => Effect.succeed(null)), scenario)
    }))
})

const kept = join(import.meta.dirname, "regressions", "core")
const keptOfNodes = join(import.meta.dirname, "regressions", "node")

const names = (directory: string) => readdirSync(directory).map((file) => file.replace(/\.json$/, ""))

const scenarioOf = (directory: string, name: string) =>
  JSON.parse(readFileSync(join(directory, `${name}.json`), "utf8")) as Scenario

describe("Where a rule was broken once, none is broken now", () => {
  it.each(names(kept))("%s", (name) => {
    assert.isAbove(simulate(scenarioOf(kept, name)).turns, 0)
  })

  it.live.each(names(keptOfNodes))("%s, of whole nodes", (name) =>
    Effect.gen(function*() {
      const { elections } = yield* simulateNodes(scenarioOf(keptOfNodes, name))
      assert.isAbove(elections, 0)
    }), 60_000)

  it("and the bug that was planted there would still be found", () => {
    const scenario = scenarioOf(kept, "a vote that is not persisted")
    assert.match(forgetful(scenario) ?? "", /durability: node\d votes for/)
  })
})
