/**
 * When a commit is called slower than the one before it.
 */
import { assert, describe, it } from "@effect/vitest"
import { baselineOf, compare } from "../../bench/check/Baseline.ts"

const verdict = (what: string, median: number, bound: string) => ({
  what,
  ratio: { median, min: median, max: median },
  bound,
  isMet: false
})

const worse = (rate: number, latency: number) =>
  compare(
    baselineOf("here", [verdict("rate", 0.4, "at least 0.4"), verdict("latency", 2, "at most 1.5")]),
    [verdict("rate", rate, "at least 0.4"), verdict("latency", latency, "at most 1.5"), verdict("new", 9, "at most 1")]
  ).filter(({ isWorse }) => isWorse).map(({ what }) => what)

describe("a commit", () => {
  it("is slower when a rate has fallen or a latency has risen by more than a quarter", () => {
    assert.deepStrictEqual(worse(0.31, 2.49), [])
    assert.deepStrictEqual(worse(0.29, 2.49), ["rate"])
    assert.deepStrictEqual(worse(0.31, 2.51), ["latency"])
  })
})
