/**
 * Figures in the documentation: where they go, what is left as it is, and how a target is told.
 */
import { assert, describe, it } from "@effect/vitest"
import { judge } from "../../bench/lib/Verdict.ts"
import * as Lines from "../../bench/plot/Lines.ts"
import { logarithmic } from "../../bench/plot/Scale.ts"
import { replaced } from "../../bench/report/Page.ts"

const page = "a\n<!-- figures: x -->\nold\n<!-- end of x -->\nb\n"

describe("a section of the page", () => {
  it("is replaced between its marks, again and again, and nothing else is", () => {
    const once = replaced(page, "x", "new")
    assert.strictEqual(once, "a\n<!-- figures: x -->\nnew\n<!-- end of x -->\nb\n")
    assert.strictEqual(replaced(once, "x", "new"), once)
  })

  it("that has no place is not lost silently", () =>
    assert.throws(() => replaced(page, "y", "new"), /no place for "y"/))
})

describe("a verdict", () => {
  it("goes by the median, and a bound is met when it is reached", () => {
    const ratio = { median: 1.5, min: 1, max: 9 }
    assert.isTrue(judge("", ratio, { atMost: 1.5 }).isMet)
    assert.isFalse(judge("", ratio, { atMost: 1.49 }).isMet)
    assert.isTrue(judge("", ratio, { atLeast: 1.5 }).isMet)
    assert.isFalse(judge("", ratio, { atLeast: 1.51 }).isMet)
  })
})

describe("a logarithmic axis", () => {
  it("begins and ends at round numbers around its values, and equal ratios are equally far apart", () => {
    const { at, ticks } = logarithmic([3, 700], 0, 100)
    assert.deepStrictEqual(ticks, [2, 5, 10, 20, 50, 100, 200, 500, 1000])
    assert.deepStrictEqual([at(2), Math.round(at(1000))], [0, 100])
    assert.approximately(at(20) - at(2), at(200) - at(20), 1e-9)
  })

  it("has only powers of ten where there would be too many", () =>
    assert.deepStrictEqual(logarithmic([1, 100_000], 0, 1).ticks, [1, 10, 100, 1_000, 10_000, 100_000]))

  it("of one single value is no division by zero", () => assert.strictEqual(logarithmic([10], 5, 6).at(10), 5))
})

describe("a plot of lines", () => {
  it("has a place for each median, a stroke for what runs differ by, and names that cannot break it", () => {
    const point = { median: 20, min: 10, max: 50 }
    const svg = Lines.draw({
      title: "a < b",
      x: "x",
      y: "y",
      lines: [{ name: "one & two", points: [[1, point], [4, point]] }]
    })
    assert.include(svg, "a &lt; b")
    assert.include(svg, "one &amp; two")
    assert.strictEqual(svg.match(/<circle/g)?.length, 2)
    assert.strictEqual(svg.match(/class="spread c0"/g)?.length, 2)
    assert.notInclude(svg, "NaN")
  })
})
