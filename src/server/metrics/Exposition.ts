/**
 * Samples in a registry of their own, filled anew for each scrape: nothing is kept between two, and what is gone (a
 * peer that was removed) is gone from the text.
 */
import { Context, Metric } from "effect"
import { PrometheusMetrics } from "effect/observability"
import type { Histogram } from "../../node/metrics/Histogram.ts"

type Labels = Readonly<Record<string, string>>

/** Names follow the conventions of Prometheus: base units, and `_total` at the end of what only grows. */
export class Exposition {
  readonly #context = Context.make(Metric.MetricRegistry, new Map())

  /** What only grows, for as long as the process lives. */
  counter(name: string, description: string, value: number, attributes: Labels = {}): void {
    const metric = Metric.counter(name, { description, attributes, incremental: true })
    Metric.registerUnsafe(metric, this.#context, reads({ count: value, incremental: true }))
  }

  gauge(name: string, description: string, value: number, attributes: Labels = {}): void {
    const metric = Metric.gauge(name, { description, attributes })
    Metric.registerUnsafe(metric, this.#context, reads({ value }))
  }

  histogram(name: string, description: string, of: Histogram, attributes: Labels = {}): void {
    const metric = Metric.histogram(name, { description, attributes, boundaries: of.bounds })
    const buckets = of.cumulative().map(([bound, count]): [number, number] => [bound, count])
    const { count, sum } = of
    Metric.registerUnsafe(metric, this.#context, reads({ buckets, count, sum, min: 0, max: 0 }))
  }

  get text(): string {
    return PrometheusMetrics.formatUnsafe(this.#context, { prefix: "holdfast" })
  }
}

const nothing = () => {}

/** Nobody updates it: it is read once. */
const reads = <State>(state: State) => ({ get: () => state, update: nothing, modify: nothing })
