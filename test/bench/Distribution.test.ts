/**
 * Percentiles by the nearest rank, and bars: what a reader of a measurement relies on.
 */
import { assert, describe, it } from "@effect/vitest"
import { distribution, histogram } from "../../bench/lib/Distribution.ts"

const to100 = Array.from({ length: 100 }, (_, at) => 100 - at)

describe("a distribution", () => {
  it("has percentiles that are among the figures: of 100 the second largest is p99", () =>
    assert.deepStrictEqual(distribution(to100), { count: 100, min: 1, p50: 50, p90: 90, p99: 99, p999: 100, max: 100 }))

  it("of few figures has the largest as its p99", () =>
    assert.deepStrictEqual(distribution([7, 3, 5]), { count: 3, min: 3, p50: 5, p90: 7, p99: 7, p999: 7, max: 7 }))

  it("of none is no number that could be taken for a good one", () => {
    const none = distribution([])
    assert.isNaN(none.p99)
    assert.isFalse(none.p99 <= 150)
  })
})

describe("a histogram", () => {
  it("counts a figure on a bound with those above it, and ends with the last that has any", () => {
    const rows = histogram([1, 10, 19, 20], [10, 20, 30, 40])
    assert.deepStrictEqual(rows.map((row) => /ms\s+(\d+)/.exec(row)?.[1]), ["1", "2", "1"])
  })

  it("has a last bar for what is above all bounds", () =>
    assert.match(histogram([5, 999], [10]).at(-1) ?? "", /10 ms or more +1 #/))
})
