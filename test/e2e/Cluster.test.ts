/**
 * Three real processes in peace: they elect a leader, hand out locks through any node, and hold them for
 * their TTL. What happens when processes die is in Failover.test.ts.
 */
import { assert, layer } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { connect } from "node:net"
import { acquire, openSession, release, renew, show, tokensOf } from "./harness/Locks.ts"
import { TestCluster } from "./harness/TestCluster.ts"
import { until } from "./harness/Until.ts"

const nowMillis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

layer(TestCluster.layerCalm(3), { excludeTestServices: true, timeout: 90_000 })("three processes", (it) => {
  it.effect("are one LEADER and two FOLLOWERs of its term, and know each other", () =>
    Effect.gen(function*() {
      const cluster = yield* TestCluster
      const { followers, leader } = yield* cluster.healed
      assert.lengthOf(followers, 2)
      for (const node of cluster.nodes) {
        const { leaderId, members, nodeId } = yield* node.status
        assert.strictEqual(nodeId, node.nodeId)
        assert.strictEqual(leaderId, leader.nodeId)
        assert.deepStrictEqual(
          members.map(({ http, self }) => [http, self]),
          cluster.nodes.map((each) => [
            `127.0.0.1:${each.httpPort}`,
            each === node
          ])
        )
      }
    }))

  it.effect("grant a lock through a follower, and every node shows the same holder", () =>
    Effect.gen(function*() {
      const cluster = yield* TestCluster
      const { followers: [follower, other] } = yield* cluster.healed
      assert.isDefined(follower)
      assert.isDefined(other)
      const granted = yield* acquire(follower, "a/b é", { ttlMs: 30_000 })
      assert.strictEqual(granted.status, 200)
      assert.deepInclude(granted.body, { name: "a/b é", mode: "exclusive", owner: "", ttlMs: 30_000 })
      for (const node of cluster.nodes) {
        assert.deepStrictEqual(tokensOf(yield* show(node, "a/b é")), [granted.body["token"]])
      }
      const refused = yield* acquire(other, "a/b é", { ttlMs: 1_000 })
      assert.strictEqual(refused.status, 409)
      assert.deepInclude(refused.body, { type: "/problems/lock-held" })
      const { session, token } = granted.body
      assert.strictEqual((yield* release(other, "a/b é", { session, token })).status, 200)
      assert.deepStrictEqual(tokensOf(yield* show(follower, "a/b é")), [])
    }))

  it.effect("forget a waiter whose client closes its connection", () =>
    Effect.gen(function*() {
      const cluster = yield* TestCluster
      const { followers: [follower], leader } = yield* cluster.healed
      assert.isDefined(follower)
      const holder = yield* acquire(leader, "hang-up", { ttlMs: 30_000 })
      const queueLength = (length: number) =>
        until(
          `${length} wait`,
          Effect.map(show(leader, "hang-up"), ({ body }) => body["queueLength"] === length ? true : null)
        )
      const waiting = yield* Effect.forkChild(acquire(follower, "hang-up", { ttlMs: 30_000, waitMs: 60_000 }))
      yield* queueLength(1)
      yield* Fiber.interrupt(waiting)
      yield* queueLength(0)
      const { session, token } = holder.body
      yield* release(leader, "hang-up", { session, token })
      assert.deepStrictEqual(tokensOf(yield* show(leader, "hang-up")), [])
    }))

  it.effect("grant a waiter when its predecessor's TTL has run, and not before", () =>
    Effect.gen(function*() {
      const cluster = yield* TestCluster
      const { followers: [follower], leader } = yield* cluster.healed
      assert.isDefined(follower)
      const session = yield* openSession(leader, 1_500)
      const held = yield* acquire(leader, "ttl", { session })
      const sent = yield* nowMillis
      assert.strictEqual((yield* renew(follower, session)).status, 200)
      const answered = yield* nowMillis
      const granted = yield* acquire(follower, "ttl", { ttlMs: 30_000, waitMs: 10_000 })
      const elapsed = (yield* nowMillis) - sent
      assert.strictEqual(granted.status, 200)
      assert.isAbove(Number(granted.body["token"]), Number(held.body["token"]))
      assert.isAtLeast(elapsed, 1_500)
      // The renewal counts from when it was accepted, which was before it was answered.
      assert.isAtMost(elapsed, 1_500 + (answered - sent) + 500)
      assert.strictEqual((yield* renew(leader, session)).status, 404)
    }))

  it.effect("are not disturbed by garbage on a Raft port", () =>
    Effect.gen(function*() {
      const cluster = yield* TestCluster
      const before = yield* cluster.healed
      const garbage = [
        Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        Buffer.alloc(65_536, 0xff),
        Buffer.alloc(65_536),
        Buffer.from("holdfast"),
        Buffer.from([0])
      ]
      for (const node of cluster.nodes) for (const bytes of garbage) yield* say(node.raftPort, bytes)
      assert.strictEqual((yield* acquire(before.leader, "garbage", { ttlMs: 1_000 })).status, 200)
      const after = yield* cluster.settled()
      assert.strictEqual(after.term, before.term)
      assert.strictEqual(after.leader.nodeId, before.leader.nodeId)
    }))
})

/** Says something to a port, and goes when it is heard or closed. */
const say = (port: number, bytes: Buffer): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes))
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.void))
    socket.resume()
  })
