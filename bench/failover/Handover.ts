/**
 * Leadership that is handed over on request while clients write: how long nothing is acknowledged. What is measured is
 * the longest time between two acknowledged writes from just before the request until every node has acknowledged one
 * that was sent after its answer. Beside it stands the longest such time of an equal stretch without a transfer.
 */
import { Effect } from "effect"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { until } from "../../test/e2e/harness/Until.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import { type Distribution, distribution, formatMillis, histogram } from "../lib/Distribution.ts"
import * as Machine from "../lib/Machine.ts"
import { nowMillis } from "../lib/Now.ts"
import * as Writers from "./Writers.ts"

export interface Handover {
  readonly from: string
  readonly to: string
  readonly pauseMillis: number
  /** The same measure just before, when nothing was handed over. */
  readonly usualMillis: number
  /** Until the request had its answer. */
  readonly answeredMillis: number
  /** How writes ended that did not end with 200. */
  readonly failed: ReadonlyArray<number>
}

export interface Handovers {
  readonly strike: "transfer"
  readonly machine: Machine.Machine
  readonly load: { readonly before: number; readonly after: number }
  readonly pause: Distribution
  readonly usual: Distribution
  readonly kept: boolean
  readonly trials: ReadonlyArray<Handover>
}

const boundMillis = 20
const stretchMillis = 300

/** So many of them on a cluster of their own. */
export const measure = Effect.fnUntraced(function*(count: number) {
  const nodes = yield* BenchCluster.make(Array.from({ length: 3 }, () => BenchCluster.loopback))
  const before = Machine.load()
  const trials: Array<Handover> = []
  for (let done = 0; done < count; done++) {
    yield* BenchCluster.caughtUp(nodes)
    yield* Machine.quiet
    trials.push(yield* Effect.scoped(handOver(nodes)))
  }
  const pause = distribution(trials.map(({ pauseMillis }) => pauseMillis))
  const usual = distribution(trials.map(({ usualMillis }) => usualMillis))
  return {
    strike: "transfer",
    machine: Machine.machine(),
    load: { before, after: Machine.load() },
    pause,
    usual,
    kept: pause.p90 <= Math.max(boundMillis, usual.p90),
    trials
  } satisfies Handovers as Handovers
}, Effect.scoped)

const handOver = Effect.fnUntraced(function*(nodes: ReadonlyArray<TestNode>) {
  const [first, ...others] = nodes
  if (first === undefined) return yield* Effect.die(new Error("no node"))
  const { leader } = yield* BenchCluster.caughtUp(nodes)
  const writers = yield* Writers.make([first, ...others])
  yield* Effect.forEach(nodes, writers.start)
  yield* Effect.sleep(stretchMillis)
  const calmFrom = nowMillis()
  yield* Effect.sleep(stretchMillis)
  const askedAt = nowMillis()
  const { body, status } = yield* Effect.orDie(leader.request("POST", "/cluster/leader/transfer", {}))
  const answeredAt = nowMillis()
  if (status !== 200) return yield* Effect.die(new Error(`a transfer was answered ${status}: ${JSON.stringify(body)}`))
  const served = yield* until("every node acknowledges writes", Effect.sync(() => servedAt(writers, nodes, answeredAt)))
  return {
    from: leader.nodeId,
    to: String(body["leaderId"]),
    pauseMillis: longestPause(writers, askedAt, served),
    usualMillis: longestPause(writers, calmFrom, askedAt),
    answeredMillis: answeredAt - askedAt,
    failed: writers.writes.filter((write) => write.answeredAt >= askedAt && write.status !== 200)
      .map((write) => write.status)
  } satisfies Handover as Handover
})

/** When the last of these nodes acknowledged its first write that was sent after a moment; null if one has not. */
const servedAt = ({ writes }: Writers.Writers, nodes: ReadonlyArray<TestNode>, after: number): number | null => {
  const firsts = nodes.map(({ nodeId }) =>
    writes.find(({ node, sentAt, status }) => node === nodeId && sentAt >= after && status === 200)?.answeredAt ??
      Infinity
  )
  const last = Math.max(...firsts)
  return last === Infinity ? null : last
}

const longestPause = ({ writes }: Writers.Writers, from: number, to: number): number => {
  const acknowledged = writes.filter(({ status }) => status === 200).map(({ answeredAt }) => answeredAt)
  const before = acknowledged.findLast((at) => at < from) ?? from
  const moments = [before, ...acknowledged.filter((at) => at >= from && at <= to)]
  return Math.max(...moments.slice(1).map((at, position) => at - (moments[position] ?? at)))
}

export const format = ({ kept, load, machine, pause, trials, usual }: Handovers): string => {
  const failed = trials.flatMap((trial) => trial.failed)
  return [
    `${trials.length} times POST /cluster/leader/transfer; three nodes at default settings and their clients on one ` +
    "machine:",
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, Node ${machine.node}; ` +
    `load average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after`,
    "",
    "The longest time between two acknowledged writes of three clients,",
    line("while leadership is handed over", pause),
    line("in the 300 ms before that", usual),
    "",
    ...histogram(trials.map(({ pauseMillis }) => pauseMillis), bars),
    "",
    failed.length === 0
      ? "Every write ended with 200."
      : `Writes ended with ${failed.join(", ")}, and all others with 200.`,
    `${kept ? "Kept" : "MISSED"}: p90 ${
      formatMillis(pause.p90)
    }, at most ${boundMillis} ms (the goal), or what it is on ` +
    "this machine without"
  ].join("\n")
}

const bars = Array.from({ length: 12 }, (_, position) => Math.round((position + 1) * boundMillis / 10))

const line = (what: string, { max, min, p50, p90, p99 }: Distribution): string =>
  `  ${what.padEnd(36)} min ${formatMillis(min)}, p50 ${formatMillis(p50)}, p90 ${formatMillis(p90)}, ` +
  `p99 ${formatMillis(p99)}, max ${formatMillis(max)}`
