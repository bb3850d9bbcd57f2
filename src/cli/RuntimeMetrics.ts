/**
 * Measures the process that a node runs in: its memory, its CPU, and how late its event loop is.
 */
import { Layer } from "effect"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { RuntimeProbe } from "../server/metrics/RuntimeProbe.ts"

const makeProbe = (): RuntimeProbe => {
  const delay = monitorEventLoopDelay({ resolution: resolutionMillis })
  delay.enable()
  const startedAtSeconds = Date.now() / 1000 - process.uptime()
  return () => {
    const { external, heapTotal, heapUsed, rss } = process.memoryUsage()
    const { system, user } = process.cpuUsage()
    const lagSeconds = { p50: lag(delay.percentile(50)), p99: lag(delay.percentile(99)), max: lag(delay.max) }
    delay.reset()
    return {
      startedAtSeconds,
      cpuSeconds: (system + user) / 1e6,
      residentBytes: rss,
      heapUsedBytes: heapUsed,
      heapTotalBytes: heapTotal,
      externalBytes: external,
      lagSeconds
    }
  }
}

const resolutionMillis = 20

/** What is measured is the time between two turns of a timer: its resolution, when nothing is late. */
const lag = (nanos: number): number => Math.max(0, nanos / 1e9 - resolutionMillis / 1000)

export const layer = Layer.sync(RuntimeProbe, makeProbe)
