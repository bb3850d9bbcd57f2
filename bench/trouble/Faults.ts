/**
 * What is done to the nodes of a soak. Each fault is over when its effect ends: the node serves again. One at a time,
 * so that a majority is there to answer; the kill of all at once is the exception that loses no disk.
 */
import { Effect, Random } from "effect"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { leaderOf } from "./Looking.ts"

export interface Fault {
  readonly name: string
  /** Whether a process ends by it. */
  readonly ends: boolean
  readonly happen: (nodes: ReadonlyArray<TestNode>) => Effect.Effect<void>
}

const downMillisMax = 3_000
const frozenMillisMin = 300
const frozenMillisMax = 4_000

const somebody = Effect.fnUntraced(function*(nodes: ReadonlyArray<TestNode>) {
  const node = nodes[yield* Random.nextIntBetween(0, nodes.length - 1)]
  return node ?? (yield* Effect.die(new Error("there are no nodes")))
})

/** Half of the time the leader, because there it hurts. */
const victim = Effect.fnUntraced(function*(nodes: ReadonlyArray<TestNode>) {
  const leader = yield* leaderOf(nodes)
  return leader !== null && (yield* Random.nextBoolean) ? leader : yield* somebody(nodes)
})

const down = Effect.flatMap(Random.nextIntBetween(0, downMillisMax), (millis) => Effect.sleep(millis))

const endedBy = (name: string, signal: NodeJS.Signals): Fault => ({
  name,
  ends: true,
  happen: Effect.fnUntraced(function*(nodes) {
    const node = yield* victim(nodes)
    yield* node.kill(signal)
    yield* down
    yield* node.start
  })
})

const freeze: Fault = {
  name: "frozen (SIGSTOP)",
  ends: false,
  happen: Effect.fnUntraced(function*(nodes) {
    const node = yield* victim(nodes)
    yield* node.kill("SIGSTOP")
    yield* Effect.sleep(yield* Random.nextIntBetween(frozenMillisMin, frozenMillisMax))
    yield* node.kill("SIGCONT")
  })
}

const killAll: Fault = {
  name: "all killed (SIGKILL)",
  ends: true,
  happen: Effect.fnUntraced(function*(nodes) {
    yield* Effect.forEach(nodes, (node) => node.kill("SIGKILL"), { concurrency: "unbounded", discard: true })
    yield* Effect.forEach(nodes, ({ start }) => start, { concurrency: "unbounded", discard: true })
  })
}

const kill = endedBy("killed (SIGKILL)", "SIGKILL")

/** Drawn from evenly: what stands here twice happens twice as often. */
export const faults: ReadonlyArray<Fault> = [
  kill,
  kill,
  kill,
  endedBy("stopped (SIGTERM)", "SIGTERM"),
  endedBy("stopped (SIGTERM)", "SIGTERM"),
  freeze,
  freeze,
  killAll
]
