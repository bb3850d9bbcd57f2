/**
 * Ratios of runs that were measured side by side: which pairs are compared, and what is called met.
 */
import { assert, describe, it } from "@effect/vitest"
import { ratio, summarize } from "../../bench/lib/Measured.ts"
import { type Beside, verdicts } from "../../bench/throughput/Targets.ts"
import type { Run } from "../../bench/workload/Workload.ts"

const run = (perSecond: number, p50Ms = 1, p99Ms = 2): Run => ({
  perSecond,
  p50Ms,
  p90Ms: p50Ms,
  p99Ms,
  p999Ms: 3,
  maxMs: 3,
  cpuMicros: null,
  clientCpuMicros: 1,
  errors: 0
})

const judged = (load: string, beside: Beside) => verdicts(new Map([[load, beside]])).map(({ isMet }) => isMet)

describe("a ratio", () => {
  it("is that of runs side by side, so that a slow minute of the machine is in both", () =>
    assert.deepStrictEqual(ratio([10, 1, 30], [10, 1, 10]), { median: 1, min: 1, max: 3 }))
})

describe("a summary", () => {
  it("has the median, the least and the greatest, and nothing for what is not known", () => {
    const { cpuMicros, perSecond } = summarize([run(3), run(1), run(2)])
    assert.deepStrictEqual([perSecond, cpuMicros], [{ median: 2, min: 1, max: 3 }, null])
  })
})

describe("a target", () => {
  it("counts both operations of a cycle of one's own lock, and one of a hand-over", () => {
    const floor = [run(100)]
    assert.deepStrictEqual(judged("32 workers", { runs: [run(20)], floor }), [true])
    assert.deepStrictEqual(judged("32 workers", { runs: [run(19.9)], floor }), [false])
    assert.deepStrictEqual(judged("hot, 32 workers", { runs: [run(60)], floor }), [true])
    assert.deepStrictEqual(judged("hot, 32 workers", { runs: [run(59.9)], floor }), [false])
  })

  it("of a latency is met below its bound, p50 and p99 each by itself", () => {
    const floor = [run(1, 1, 1)]
    assert.deepStrictEqual(judged("1 worker", { runs: [run(1, 1.5, 3.1)], floor }), [true, false])
    assert.deepStrictEqual(judged("1 worker", { runs: [run(1, 1.6, 3)], floor }), [false, true])
  })
})
