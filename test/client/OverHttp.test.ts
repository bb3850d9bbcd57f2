/**
 * Waits over HTTP, each of which lives on a connection of its own: a node that is left, and lives, takes no place in a
 * queue along.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { clusterTest, during, makeCluster } from "../cluster/Cluster.ts"
import { type HttpFaults, makeHttpClients } from "./HttpCluster.ts"

const pass = (millis: number) => Effect.replicateEffect(TestClock.adjust(10), millis / 10, { discard: true })

const fork = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.forkChild(effect, { startImmediately: true })

/** Two wait for a lock, and the first of them has to leave its node, whose process lives. */
const leaving = Effect.fnUntraced(function*(disturb: (faults: HttpFaults) => void) {
  const cluster = yield* makeCluster(3)
  yield* cluster.elect
  const { client, faults } = yield* makeHttpClients(cluster)
  const [holder, first, second] = [yield* client(), yield* client({ ttl: "3 seconds" }), yield* client()]
  const lock = yield* during(holder.acquire("a"))
  faults.waits.length = 0
  const waiting = yield* fork(first.acquire("a"))
  yield* pass(200)
  const behind = yield* fork(second.acquire("a"))
  yield* pass(200)
  disturb(faults)
  yield* pass(1500)
  assert.isAbove(new Set(faults.waits).size, 1)
  assert.strictEqual(faults.hungUp, 0)
  return { lock, waiting, behind }
})

describe("A wait over HTTP keeps its place", () => {
  clusterTest("when its node says that it has no leader, and is left", function*() {
    const { behind, lock, waiting } = yield* leaving(({ leaderless, waits }) => leaderless.add(waits[0]!))
    yield* during(lock.release)
    yield* pass(100)
    assert.isDefined(waiting.pollUnsafe())
    assert.isUndefined(behind.pollUnsafe())
    yield* during(Effect.flatMap(Fiber.join(waiting), ({ assertHeld }) => assertHeld))
  })

  clusterTest("when another connection to its node breaks, and the node is left", function*() {
    const { behind, lock, waiting } = yield* leaving(({ broken, waits }) => broken.add(waits[0]!))
    yield* during(lock.release)
    yield* pass(100)
    assert.isDefined(waiting.pollUnsafe())
    assert.isUndefined(behind.pollUnsafe())
  })
})
