/**
 * What `Probe` loads into a process. It answers one question on each connection of its socket, keeps the process from
 * nothing, and does nothing at all where no socket is named.
 */
import { existsSync, rmSync, writeFileSync } from "node:fs"
import { Session } from "node:inspector/promises"
import { createServer } from "node:net"
import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks"
import type { Asked, Pauses } from "../Probe.ts"

/** The finest there is: what is told is the time between two turns of this timer. */
const delay = monitorEventLoopDelay({ resolution: 1 })
const session = new Session()
let collectorMaxMs = 0

const collections = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collectorMaxMs = Math.max(collectorMaxMs, duration)
})

const pauses = (): Pauses => {
  const millis = (percent: number) => delay.percentile(percent) / 1e6
  const told = { p50Ms: millis(50), p99Ms: millis(99), maxMs: delay.max / 1e6, collectorMaxMs }
  delay.reset()
  collectorMaxMs = 0
  return told
}

const profileStart = async () => {
  session.connect()
  await session.post("Profiler.enable")
  await session.post("Profiler.setSamplingInterval", { interval: sampleMicros })
  await session.post("Profiler.start")
}

const sampleMicros = 200

const profileStop = async (path: string) => {
  const { profile } = await session.post("Profiler.stop")
  session.disconnect()
  writeFileSync(path, JSON.stringify(profile))
}

const answer = async (asked: Asked): Promise<object> => {
  if (asked.ask === "pauses") return pauses()
  await (asked.ask === "profileStart" ? profileStart() : profileStop(asked.path))
  return {}
}

const path = process.env["BENCH_PROBE"]
if (path !== undefined) {
  if (existsSync(`${path}.profile`)) await profileStart()
  delay.enable()
  collections.observe({ entryTypes: ["gc"] })
  rmSync(path, { force: true })
  createServer({ allowHalfOpen: true }, (socket) => {
    let text = ""
    socket.setEncoding("utf8").on("data", (some: string) => text += some)
    const failed = (error: unknown) => ({ failed: String(error) })
    socket.on("end", async () => socket.end(JSON.stringify(await answer(JSON.parse(text)).catch(failed))))
  }).listen(path).unref()
}
