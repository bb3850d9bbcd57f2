/**
 * Several locks around one piece of work: it never begins when one of them has been lost while the others were waited
 * for, and nobody waits on in vain.
 */
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { LockClient } from "../../src/index.ts"
import { createClient, LockLost } from "../../src/promise.ts"
import { TestClient, TestCluster } from "../../src/testing.ts"
import * as RealNode from "../cli/support/RealNode.ts"
import { inCluster } from "../testing/inCluster.ts"

describe("Work in several locks", () => {
  inCluster("is given up at once when one of them is lost while another is waited for", function*() {
    const { client, look } = yield* TestCluster
    const { lose } = yield* TestClient
    const locks = yield* LockClient
    const { locks: others } = yield* client()
    yield* others.acquire("b")
    let begun = 0
    const work = Effect.sync(() => void (begun += 1))
    const working = yield* Effect.forkChild(Effect.flip(locks.withLocks(["a", "b"])(work)), { startImmediately: true })
    while ((yield* look("b")).queueLength === 0) yield* Effect.yieldNow
    yield* lose("a")
    yield* TestClock.adjust(1000)
    const error = yield* Fiber.join(working)
    assert.strictEqual(error._tag === "LockLost" && error.lock, "a")
    assert.strictEqual(begun, 0)
    assert.strictEqual((yield* look("b")).queueLength, 0)
  })
})

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })("Work of a promise in several locks", (it) => {
  it.effect("is given up at once when one of them is lost while another is waited for", () =>
    Effect.flatMap(RealNode.RealNode, (node) =>
      Effect.promise(async () => {
        await using client = await createClient({ nodes: [node.rpc] })
        await using _ = await client.acquire("b")
        let begun = 0
        const working = client.withLocks(["a", "b"], { maxHold: 1000, wait: 5000 }, () => void (begun += 1))
        const error: unknown = await working.catch((error: unknown) => error)
        assert.instanceOf(error, LockLost)
        assert.deepStrictEqual([error.lock, error.reason, begun], ["a", "max-hold", 0])
        const [a, b] = await Promise.all([client.get("a"), client.get("b")])
        assert.deepStrictEqual([a.holders.length, b.holders.length, b.queueLength], [0, 1, 0])
      })))
})
