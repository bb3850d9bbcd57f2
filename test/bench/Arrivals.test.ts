/**
 * The schedule of an open load: as many as it says, by chance and not in step, and none before its time.
 */
import { assert, describe, it } from "@effect/vitest"
import { arrivals } from "../../bench/workload/client/Arrivals.ts"

/** Numbers that are spread evenly, the same each time. */
const spreadOut = () => {
  let at = 0
  return () => (at += 0.618_033_988_749) % 1
}

const schedule = (perSecond: number, seconds: number, random = spreadOut()) => [
  ...arrivals({ from: 1000, until: 1000 + seconds * 1000, perSecond, random })
]

describe("arrivals", () => {
  it.each([50, 1_000, 30_000])("come %i times a second", (perSecond) => {
    const count = schedule(perSecond, 10).reduce((sum, due) => sum + due.count, 0)
    assert.isAtLeast(count, 10 * perSecond * 0.97)
    assert.isAtMost(count, 10 * perSecond * 1.03)
  })

  it("are told at the end of the half millisecond in which they come, each once and in order", () => {
    const dues = schedule(3_000, 1)
    for (const { count, dueAt } of dues) {
      assert.strictEqual((dueAt - 1000) % 0.5, 0)
      assert.isAtLeast(count, 1)
    }
    assert.deepStrictEqual(
      dues.map(({ dueAt }) => dueAt),
      [...new Set(dues.map(({ dueAt }) => dueAt))].toSorted((a, b) => a - b)
    )
  })

  it("have gaps that differ as those of strangers do: a third of them are longer than the mean", () => {
    const times = schedule(100, 100).map(({ dueAt }) => dueAt)
    const long = times.filter((time, at) => time - (times[at - 1] ?? 1000) > 10).length / times.length
    assert.isAtLeast(long, 0.32)
    assert.isAtMost(long, 0.42)
  })
})
