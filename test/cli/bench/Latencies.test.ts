/**
 * Percentiles of times that are counted in classes: never too small, and at most 1.6 % too large.
 */
import { assert, describe, it } from "@effect/vitest"
import { Latencies } from "../../../src/cli/bench/Latencies.ts"

describe("Latencies", () => {
  it("tell percentiles within a class of the exact ones", () => {
    const latencies = new Latencies()
    for (let rank = 1; rank <= 10_000; rank++) latencies.add(rank / 100)
    for (const share of [0.0001, 0.5, 0.9, 0.99, 0.999, 1]) {
      const exact = Math.ceil(share * 10_000) / 100
      assert.isAtLeast(latencies.percentile(share), exact, `${share}`)
      assert.isAtMost(latencies.percentile(share), exact * 1.016, `${share}`)
    }
  })

  it("take times of all sizes, and none at all", () => {
    const latencies = new Latencies()
    assert.deepStrictEqual([latencies.count, latencies.percentile(0.5)], [0, 0])
    for (const millis of [0, 1e-9, 3_600_000]) latencies.add(millis)
    assert.strictEqual(latencies.count, 3)
    assert.isAtMost(latencies.percentile(0.5), 0.002)
    assert.isAtLeast(latencies.percentile(1), 1_000_000)
  })
})
