/**
 * One run: a cluster, its clients, and what is done to both, until the time is up; then all trouble ends, every lock is
 * had once more, and the history is checked.
 */
import { Console, Effect, Fiber, Random } from "effect"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as KeepAlive from "../lib/KeepAlive.ts"
import * as Namespaces from "../lib/Namespaces.ts"
import { nowMillis } from "../lib/Now.ts"
import type { Ground } from "../load/HttpClient.ts"
import { libraryWorker } from "../load/LibraryWorkers.ts"
import { Recorder } from "../load/Recorder.ts"
import { judge, keepEvidence } from "../load/Verdict.ts"
import { keeper, lastRound, reader, worker } from "../load/Workers.ts"
import { faults } from "../trouble/Faults.ts"
import { operations } from "../trouble/Operations.ts"
import { partitions } from "../trouble/Partitions.ts"
import * as Trouble from "../trouble/Trouble.ts"
import type { Chaos } from "./Report.ts"

export interface Options {
  readonly minutes: number
  readonly nodes: number
  readonly seed: string
}

/** Longer than a node needs to hear that a leader is gone and to ask the next one, and shorter than a lease. */
const answerMillisMax = 2_000
const workers = 12
const keepers = 4
const readers = 2
const libraryWorkers = 4

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}${at + 1}`)

const clients = (ground: Ground, nodes: ReadonlyArray<TestNode>) =>
  Effect.all([
    ...numbered("worker", workers).map((name) => worker(ground, name)),
    ...numbered("keeper", keepers).map((name) => keeper(ground, name)),
    ...numbered("reader", readers).map((name) => reader(ground, name)),
    ...numbered("library", libraryWorkers).map((name) => libraryWorker(ground, name, nodes))
  ], { concurrency: "unbounded", discard: true })

export const chaos = Effect.fnUntraced(function*({ minutes, nodes: count, seed }: Options) {
  const obstacle = Namespaces.obstacle()
  const cables = obstacle === null ? yield* Namespaces.make(count) : []
  const sites = obstacle === null
    ? cables.map(({ site }) => site)
    : Array.from({ length: count }, () => BenchCluster.loopback)
  const nodes = yield* BenchCluster.make(sites)
  yield* BenchCluster.caughtUp(nodes)
  const calls = yield* Effect.forEach(
    nodes,
    ({ host = "127.0.0.1", httpPort }) => KeepAlive.make(host, httpPort, answerMillisMax)
  )
  const ground: Ground = { nodes: calls, recorder: new Recorder(), isOver: false }
  const processes = Trouble.make(faults, operations)
  const network = Trouble.make(partitions(cables), [])
  const overAt = nowMillis() + minutes * 60_000
  const working = yield* Effect.forkScoped(clients(ground, nodes))
  // What is done to processes and to the network each follows from the seed alone, however the clients fare.
  const trouble = Effect.all([
    Random.withSeed(Trouble.cause(processes, nodes, { calmAt: overAt, overAt }), `${seed} processes`),
    cables.length === 0
      ? Effect.void
      : Random.withSeed(Trouble.cause(network, nodes, { calmAt: overAt, overAt }), `${seed} network`)
  ], { concurrency: "unbounded", discard: true })
  const work = Effect.gen(function*() {
    yield* Effect.raceFirst(trouble, Effect.andThen(Fiber.join(working), Effect.never))
    yield* Console.error("All trouble is over")
    yield* BenchCluster.caughtUp(nodes)
    const millis = yield* lastRound(ground)
    ground.isOver = true
    yield* Fiber.join(working)
    return millis
  })
  // A node that does not come back, say, ends the run; what was seen until then is not lost.
  const lastRoundMillis = yield* Effect.onError(work, () => keepEvidence("chaos", ground.recorder, [], nodes))
  const { findings, verdict } = judge(ground.recorder, processes.deaths, minutes)
  if (findings.length > 0) yield* keepEvidence("chaos", ground.recorder, findings, nodes)
  const run: Chaos = {
    seed,
    minutes,
    nodes: count,
    obstacle,
    recorder: ground.recorder,
    deeds: new Map([...processes.deeds, ...(obstacle === null ? network.deeds : [])]),
    lastRoundMillis,
    verdict,
    findings
  }
  return run
}, Effect.scoped)
