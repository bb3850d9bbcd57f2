/**
 * A failing scenario is made small before it is told, and what was found is kept: each regression is a scenario in
 * which a rule was broken once, by the product, by a planted bug or by the simulator itself.
 */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { core } from "../../src/sim/core/Core.ts"
import { simulate } from "../../src/sim/core/Simulation.ts"
import { draw, type Scenario } from "../../src/sim/Scenario.ts"
import { type Breaks, shrink } from "../../src/sim/Shrinking.ts"

/** A core that never syncs a vote: it gives it, and forgets it when it falls. */
const forgetful: Breaks = (scenario) => {
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
  it("is made small, and breaks the same rule", () => {
    const scenario = draw(1)
    const small = shrink(scenario, (one) => forgetful(one)?.replace(/^seed \d+ at \d+ ms: /, "") ?? null, 60)
    assert.match(forgetful(scenario) ?? "", /durability/)
    assert.match(forgetful(small) ?? "", /durability/)
    assert.isBelow(small.faults.length, 2)
    assert.isAtMost(small.clients.count, 1)
    assert.isBelow(small.faultyMillis, scenario.faultyMillis)
  })

  it("stays as it is when it does not fail", () => {
    const scenario = draw(2)
    assert.strictEqual(shrink(scenario, () => null), scenario)
  })
})

const kept = join(import.meta.dirname, "regressions")

describe("Where a rule was broken once, none is broken now", () => {
  it.each(readdirSync(kept).map((file) => file.replace(/\.json$/, "")))("%s", (name) => {
    const scenario = JSON.parse(readFileSync(join(kept, `${name}.json`), "utf8")) as Scenario
    assert.isAbove(simulate(scenario).turns, 0)
  })

  it("and the bug that was planted there would still be found", () => {
    const file = join(kept, "a vote that is not persisted.json")
    assert.match(forgetful(JSON.parse(readFileSync(file, "utf8")) as Scenario) ?? "", /durability: node\d votes for/)
  })
})
