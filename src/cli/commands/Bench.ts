/**
 * `holdfast bench`: how many times a second a running cluster grants a lock and takes it back, and how long a grant
 * takes. Locks of its own names, which are free again when it ends.
 */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { formatAddress, type HostAndPort } from "../../api/Address.ts"
import { statusOf } from "../../client/AdminClient.ts"
import { engineOf } from "../../client/ClientOptions.ts"
import { Client } from "../../client/engine/Client.ts"
import { show } from "../Asking.ts"
import { type Measured, run } from "../bench/Load.ts"
import { ExitWith } from "../ExitWith.ts"
import { noCluster, refusalOf, someAnswers } from "../Locking.ts"
import { jsonFlag, nodesFlag, resolveNodes } from "../Nodes.ts"

const counted = (name: string, max: number) =>
  Flag.Int(name).pipe(Flag.filter((value) => value >= 1 && value <= max, () => `a whole number from 1 to ${max}`))

const flags = {
  nodes: nodesFlag,
  json: jsonFlag,
  workers: counted("workers", 100_000).pipe(
    Flag.withDescription("How many acquire and release at a time (default 32)"),
    Flag.withDefault(32)
  ),
  seconds: counted("seconds", 86_400).pipe(
    Flag.withDescription("How long to measure, after one second that is not counted (default 10)"),
    Flag.withDefault(10)
  ),
  hot: Flag.Boolean("hot").pipe(
    Flag.withDescription("All workers want the same lock, instead of each its own"),
    Flag.withDefault(false)
  ),
  http: Flag.Boolean("http").pipe(
    Flag.withDescription("Over HTTP, a request for each operation, instead of client RPC"),
    Flag.withDefault(false)
  )
}

export const bench = Command.make(
  "bench",
  flags,
  ({ hot, http, json, nodes, seconds, workers }) =>
    Effect.gen(function*() {
      const addresses = yield* resolveNodes(nodes, process.env)
      yield* someAnswers(addresses)
      const places = http ? yield* httpOf(addresses) : addresses.map(formatAddress)
      // No two runs meet on a lock, but by `--hot` in one of them.
      const prefix = `bench/${process.pid}-${Date.now().toString(36)}/`
      const lockOf = (worker: number) => `${prefix}${hot ? "hot" : worker}`
      const measured = yield* Effect.provide(
        Effect.flatMap(Client, (client) => run(client, { workers, seconds, lockOf })),
        engineOf({ nodes: places, label: "holdfast bench" })
      )
      if (measured.cycles === 0) yield* Effect.fail(nothingMeasured(measured, lockOf(0)))
      yield* show(json, reportOf(measured, workers, seconds), textOf(measured, workers, hot))
    })
).pipe(Command.withDescription("Measure acquire and release cycles on a running cluster"))

/** Figures of nothing would be taken for figures. */
const nothingMeasured = ({ lastError, seconds }: Measured, lock: string) => {
  if (lastError !== null) return refusalOf(lock)(lastError)
  const message = `no lock was granted in ${
    seconds.toFixed(0)
  } s: see by holdfast status whether the cluster has a leader`
  return new ExitWith({ code: noCluster, message })
}

/** Where the nodes that answer serve HTTP. */
const httpOf = (addresses: ReadonlyArray<HostAndPort>) =>
  Effect.map(
    Effect.forEach(addresses, (address) => Effect.option(statusOf(address)), { concurrency: "unbounded" }),
    (answers) =>
      answers.flatMap(Option.toArray).flatMap(({ members }) =>
        members.filter(({ self }) => self).map(({ http }) => `http://${http}`)
      )
  )

const rounded = (value: number, digits: number) => Number(value.toFixed(digits))

const reportOf = (
  { acquires, cycles, errors, seconds: measuredSeconds }: Measured,
  workers: number,
  seconds: number
) => ({
  cyclesPerSecond: rounded(cycles / measuredSeconds, 1),
  p50Ms: rounded(acquires.percentile(0.5), 3),
  p99Ms: rounded(acquires.percentile(0.99), 3),
  p999Ms: rounded(acquires.percentile(0.999), 3),
  workers,
  seconds,
  errors
})

const textOf = ({ acquires, cycles, errors, seconds }: Measured, workers: number, hot: boolean): string => {
  const millis = (share: number) => `${acquires.percentile(share).toFixed(2)} ms`
  const who = `${workers} ${workers === 1 ? "worker" : "workers"} on ${hot ? "one lock" : "a lock each"}`
  return [
    `${Math.round(cycles / seconds).toLocaleString("en-US")} cycles/s, ${who}, in ${seconds.toFixed(1)} s`,
    `an acquire takes ${millis(0.5)} (p50), ${millis(0.99)} (p99), ${millis(0.999)} (p99.9)`,
    `${errors === 0 ? "no" : errors} acquires failed`
  ].join("\n")
}
