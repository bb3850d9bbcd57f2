/**
 * Very many waiters: whether a cluster still serves others beside them, and how fast it hands their locks on when each
 * gives back what it got at once.
 */
import { Console, Effect } from "effect"
import { until } from "../../test/e2e/harness/Until.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as Flags from "../lib/Flags.ts"
import { spread } from "../lib/Measured.ts"
import * as Workload from "../workload/Workload.ts"
import * as Inside from "./Inside.ts"
import * as Talk from "./Talk.ts"
import { WaitingLine } from "./WaitingLine.ts"

export interface Options {
  readonly waiters: number
  readonly locks: number
  readonly sessions: number
  readonly seconds: number
  readonly rounds: number
}

export interface Results extends Options {
  readonly queueSeconds: number
  readonly residentBytes: number
  /** 32 workers on locks of their own, before there is any waiter and beside all of them. */
  readonly before: ReadonlyArray<Workload.Run>
  readonly beside: ReadonlyArray<Workload.Run>
  readonly handOversPerSecond: number
}

export const measure = Effect.fnUntraced(function*(options: Options) {
  const nodes = yield* BenchCluster.make([1, 2, 3].map(() => BenchCluster.loopback))
  const { leader } = yield* BenchCluster.caughtUp(nodes)
  const [address = ""] = BenchCluster.addressesOf([leader])
  const workload = yield* Workload.make(BenchCluster.addressesOf(nodes), () => BenchCluster.pidsOf(nodes))
  yield* Workload.warmUp(workload, 3)
  const runs = Flags.times(
    options.rounds,
    () => workload.run({ kind: "closed", workers: 32, seconds: options.seconds, hot: false })
  )
  const before = yield* runs
  const since = performance.now()
  const queue = new WaitingLine(yield* Talk.make(address), options)
  yield* queue.fill((count) => {
    const waits = Effect.map(Inside.metric(leader, "lock_waiters"), (waiting) => waiting >= count ? true : null)
    return Effect.asVoid(Effect.orDie(until(`${count} wait`, waits, 120_000)))
  })
  const queueSeconds = (performance.now() - since) / 1000
  yield* Console.error(`${options.waiters} wait after ${queueSeconds.toFixed(1)} s`)
  const beside = yield* runs
  const residentBytes = Inside.residentBytes(leader)
  const handOversPerSecond = yield* queue.drain
  yield* Console.error(
    `beside them ${median(beside)} cycles/s, before ${median(before)}; ${handOversPerSecond.toFixed(0)} hand-overs/s`
  )
  return { ...options, queueSeconds, residentBytes, before, beside, handOversPerSecond } satisfies Results as Results
}, Effect.scoped)

const median = (runs: ReadonlyArray<Workload.Run>) => spread(runs.map(({ perSecond }) => perSecond)).median.toFixed(0)
