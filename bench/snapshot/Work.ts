/**
 * Pieces of work: how long each kept the thread, and what all of them cost the processor. The longest is told once more
 * by its time on the processor and without what the collector of garbage took in its middle: that comes with so large a
 * heap whether or not a snapshot is read, and waiting for a processor is the machine's affair.
 */
import { PerformanceObserver } from "node:perf_hooks"
import { setTimeout as sleep } from "node:timers/promises"
import { distribution } from "../lib/Distribution.ts"

interface Span {
  readonly start: number
  readonly millis: number
}

interface Piece extends Span {
  readonly cpuMillis: number
}

const collections: Array<Span> = []
const observer = new PerformanceObserver((list) => {
  for (const { duration, startTime } of list.getEntries()) collections.push({ start: startTime, millis: duration })
})
observer.observe({ entryTypes: ["gc"] })

export class Work {
  readonly #pieces: Array<Piece> = []
  readonly #cpu = process.threadCpuUsage()

  do<A>(piece: () => A): A {
    const cpu = process.threadCpuUsage()
    const start = performance.now()
    const result = piece()
    const millis = performance.now() - start
    const { system, user } = process.threadCpuUsage(cpu)
    this.#pieces.push({ start, millis, cpuMillis: (user + system) / 1_000 })
    return result
  }

  async told(): Promise<string> {
    const { system, user } = process.threadCpuUsage(this.#cpu)
    const cpu = ((user + system) / 1_000).toFixed(0)
    // The collections are told of in a later turn.
    await sleep(20)
    const { count, max, p50, p99 } = distribution(this.#pieces.map(({ millis }) => millis))
    const [half, most, longest] = [p50, p99, max].map((millis) => millis.toFixed(2))
    const own = distribution(this.#withoutCollections()).max.toFixed(2)
    const pieces = `${count} pieces, p50 ${half}, p99 ${most}, max ${longest} ms`
    return `${pieces} (of CPU, without garbage collection, ${own}); ${cpu} ms of CPU`
  }

  #withoutCollections(): ReadonlyArray<number> {
    let next = 0
    return this.#pieces.map(({ cpuMillis, millis, start }) => {
      const end = start + millis
      while (next < collections.length && endOf(collections[next]!) <= start) next++
      let own = cpuMillis
      for (let at = next; at < collections.length && collections[at]!.start < end; at++) {
        own -= Math.min(end, endOf(collections[at]!)) - Math.max(start, collections[at]!.start)
      }
      return Math.max(0, own)
    })
  }
}

const endOf = ({ millis, start }: Span): number => start + millis
