/**
 * Very many held locks: what they take of a node's memory, what an acquire takes beside them and in an empty cluster,
 * how long a snapshot of them stops a node, and how soon a node is back that starts from it.
 */
import { Console, Effect } from "effect"
import { join } from "node:path"
import { tempDir } from "../../test/e2e/harness/TestCluster.ts"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import { ratio, type Spread } from "../lib/Measured.ts"
import * as Probe from "../probe/Probe.ts"
import { read, type Summary } from "../profile/Reading.ts"
import * as Workload from "../workload/Workload.ts"
import * as Inside from "./Inside.ts"
import * as Sessions from "./Sessions.ts"
import * as Talk from "./Talk.ts"

export interface Options {
  readonly locks: number
  readonly sessions: number
  readonly seconds: number
  readonly runs: number
}

export interface Results {
  readonly locks: number
  readonly sessions: number
  readonly fillSeconds: number
  /** Of each node: the leader first. */
  readonly residentBytes: ReadonlyArray<number>
  /** Of the leader: what V8 says that its objects take. */
  readonly heapBytes: number
  readonly emptyResidentBytes: number
  readonly acquires: { readonly full: ReadonlyArray<Workload.Run>; readonly empty: ReadonlyArray<Workload.Run> }
  readonly p50Ratio: Spread
  readonly snapshot: {
    readonly bytes: number
    readonly seconds: number
    /** How long the event loop of the node stood still: in as much time before, and while it took the snapshot. */
    readonly pausesBefore: Probe.Pauses
    readonly pauses: Probe.Pauses
  }
  readonly restart: Inside.Start
  /** Of one start more. */
  readonly restartProfile: Summary
}

export const measure = Effect.fnUntraced(function*(options: Options) {
  const empty = yield* cluster
  const full = yield* cluster
  const since = performance.now()
  const talk = yield* Talk.make(BenchCluster.addressesOf([full.leader])[0]!)
  const sessions = yield* Sessions.open(talk, options.sessions, Sessions.endlessMillis)
  yield* Sessions.hold(talk, sessions, options.locks / options.sessions)
  const fillSeconds = (performance.now() - since) / 1000
  yield* Console.error(`${options.locks} locks are held after ${fillSeconds.toFixed(1)} s`)
  const acquires = yield* compare(full, empty, options)
  const snapshot = yield* takeSnapshot(full)
  const heapBytes = yield* Inside.metric(full.leader, "process_heap_used_bytes")
  const residentBytes = [full.leader, ...full.followers].map(Inside.residentBytes)
  yield* Console.error(`resident: ${residentBytes.map((bytes) => (bytes / 2 ** 20).toFixed(0)).join(", ")} MiB`)
  const restarted = yield* restart(full, yield* tempDir)
  yield* Console.error(`restarted in ${restarted.restart.millis.toFixed(0)} ms`)
  return {
    locks: options.locks,
    sessions: options.sessions,
    fillSeconds,
    residentBytes,
    heapBytes,
    emptyResidentBytes: Inside.residentBytes(empty.leader),
    acquires,
    p50Ratio: ratio(acquires.full.map(p50Of), acquires.empty.map(p50Of)),
    snapshot,
    ...restarted
  } satisfies Results as Results
}, Effect.scoped)

const p50Of = ({ p50Ms }: Workload.Run) => p50Ms

/** With a probe in each node. */
const cluster = Effect.gen(function*() {
  const probes = yield* Probe.make(3)
  const nodes = yield* BenchCluster.make(probes.map(({ site }) => site))
  const { followers, leader } = yield* BenchCluster.caughtUp(nodes)
  const workload = yield* Workload.make(BenchCluster.addressesOf(nodes), () => BenchCluster.pidsOf(nodes))
  yield* Workload.warmUp(workload, warmUpSeconds)
  return { leader, followers, workload, probeOf: (node: TestNode) => probes[nodes.indexOf(node)]! }
})

type Cluster = Effect.Success<typeof cluster>

const warmUpSeconds = 3

/** One worker, by turns. */
const compare = Effect.fnUntraced(function*(full: Cluster, empty: Cluster, { runs, seconds }: Options) {
  const asked = { kind: "closed", workers: 1, seconds, hot: false } as const
  const acquires: { full: Array<Workload.Run>; empty: Array<Workload.Run> } = { full: [], empty: [] }
  for (let run = 1; run <= runs; run++) {
    acquires.empty.push(yield* empty.workload.run(asked))
    acquires.full.push(yield* full.workload.run(asked))
    const [before, now] = [acquires.empty.at(-1)!, acquires.full.at(-1)!]
    yield* Console.error(
      `${run}/${runs} p50 ${now.p50Ms.toFixed(2)} ms, of an empty cluster ${before.p50Ms.toFixed(2)} ms`
    )
  }
  return acquires
})

const takeSnapshot = Effect.fnUntraced(function*({ leader, probeOf }: Cluster) {
  const probe = probeOf(leader)
  yield* probe.pauses
  yield* Effect.sleep(quietMillis)
  const pausesBefore = yield* probe.pauses
  const since = performance.now()
  const { body, status } = yield* Effect.orDie(leader.request("POST", "/cluster/snapshot"))
  const seconds = (performance.now() - since) / 1000
  const pauses = yield* probe.pauses
  if (status !== 200) return yield* Effect.die(new Error(`no snapshot: ${JSON.stringify(body)}`))
  yield* Console.error(
    `a snapshot in ${seconds.toFixed(2)} s, longest pause ${pauses.maxMs.toFixed(1)} ms, of V8's collector ${
      pauses.collectorMaxMs.toFixed(1)
    } ms`
  )
  return { bytes: Number(body["bytes"]), seconds, pausesBefore, pauses }
})

const quietMillis = 3_000

/** Of a follower, whose snapshot is as old as its policy lets it be; it takes one first, as the leader did. */
const restart = Effect.fnUntraced(function*({ followers: [follower], leader, probeOf }: Cluster, directory: string) {
  if (follower === undefined) return yield* Effect.die(new Error("there is no follower"))
  yield* Effect.orDie(follower.request("POST", "/cluster/snapshot"))
  const { commitIndex } = yield* Effect.orDie(leader.status)
  yield* follower.kill("SIGKILL")
  const restart = yield* Inside.start(follower, commitIndex)
  yield* follower.kill("SIGKILL")
  const path = join(directory, "restart-snapshot.cpuprofile")
  yield* probeOf(follower).profilingStart(path, Inside.start(follower, commitIndex))
  return { restart, restartProfile: read(path) }
})
