/**
 * What the client of a load counts while it is measured: cycles, failures, and how long acquires took, in an
 * HdrHistogram (the one of Node), which keeps three digits of each.
 */
import { createHistogram } from "node:perf_hooks"
import type { Figures } from "../Workload.ts"

export class Counting {
  readonly #acquires = createHistogram({ lowest: 1, highest: microsMax, figures: 3 })
  #cycles = 0
  #errors = 0
  #isOn = false
  #from = 0
  #until = 0
  #cpu = process.cpuUsage()
  #cpuMicros = 0

  start(): void {
    this.#isOn = true
    this.#from = performance.now()
    this.#cpu = process.cpuUsage()
  }

  stop(): void {
    this.#isOn = false
    this.#until = performance.now()
    const { system, user } = process.cpuUsage(this.#cpu)
    this.#cpuMicros = system + user
  }

  acquired(millis: number): void {
    if (this.#isOn) this.#record(millis)
  }

  /** Of an acquire that counts because of when it was to begin, whenever it ends. */
  acquiredLate(millis: number): void {
    this.#record(millis)
  }

  ended(): void {
    if (this.#isOn) this.#cycles++
  }

  failed(): void {
    this.#errors++
  }

  get figures(): Figures {
    const millis = (percent: number) => this.#acquires.count === 0 ? 0 : this.#acquires.percentile(percent) / 1000
    const seconds = (this.#until - this.#from) / 1000
    return {
      perSecond: this.#cycles / seconds,
      p50Ms: millis(50),
      p90Ms: millis(90),
      p99Ms: millis(99),
      p999Ms: millis(99.9),
      maxMs: millis(100),
      errors: this.#errors,
      clientCpuMicros: this.#cpuMicros / Math.max(1, this.#cycles)
    }
  }

  #record(millis: number): void {
    this.#acquires.record(Math.min(microsMax, Math.max(1, Math.round(millis * 1000))))
  }
}

/** Ten minutes: longer than anything waits here. */
const microsMax = 600_000_000
