/**
 * What counts as growing: a trend, not a heap that goes up and down.
 */
import { assert, describe, it } from "@effect/vitest"
import { growth, judge, least } from "../../bench/soak/Growth.ts"

const minutes = (count: number, value: (second: number) => number) =>
  Array.from({ length: count * 60 + 1 }, (_, second) => ({ at: second * 1_000, value: value(second) }))

describe("growth", () => {
  it("is the slope of the line through all points", () => {
    const { mean, perMinute, span } = growth(minutes(2, (second) => 100 + second / 60))
    assert.approximately(perMinute, 1, 1e-9)
    assert.approximately(mean, 101, 1e-9)
    assert.strictEqual(span, 120_000)
  })

  it("of a sawtooth is none", () =>
    assert.strictEqual(judge(growth(minutes(5, (second) => 100 + 30 * (second % 10) / 10))), "flat"))

  it("of a leak is found", () => assert.strictEqual(judge(growth(minutes(2, (second) => 100 + second / 4))), "rises"))

  it("of what rises by less than a seventh is let pass", () =>
    assert.strictEqual(judge(growth(minutes(2, (second) => 200 + second / 5))), "flat"))

  it("is not told from less than a minute, nor from nothing", () => {
    assert.strictEqual(judge(growth(minutes(1, (second) => second).slice(1))), "too short to tell")
    assert.strictEqual(judge(growth([])), "too short to tell")
  })
})

describe("the least of each stretch", () => {
  it("is what lives, below what comes and goes", () => {
    const points = minutes(1, (second) => 50 + 5 * (second % 10)).slice(0, 60)
    assert.deepStrictEqual(least(points, 15_000).map(({ value }) => value), [50, 50, 50, 50])
  })

  it("is not told of one that has hardly begun", () => {
    const points = minutes(1, (second) => second === 60 ? 95 : 50)
    assert.deepStrictEqual(least(points, 15_000).map(({ value }) => value), [50, 50, 50, 50])
  })

  it("of nothing is nothing", () => assert.deepStrictEqual(least([], 15_000), []))
})
