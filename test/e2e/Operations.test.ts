/**
 * What an operator does to a running cluster of real processes: nodes are added, removed, replaced and
 * stopped, leadership moves, logs become snapshots; meanwhile locks are held, and stay held.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Fiber, Layer } from "effect"
import { acquire, openSession, release, show, tokensOf } from "./harness/Locks.ts"
import { makeNodes, settled } from "./harness/TestCluster.ts"
import { make, type TestNode } from "./harness/TestNode.ts"
import { until } from "./harness/Until.ts"

/** Three that run, and one that is not a member: it knows the three, and its own address. */
const threeAndOne = Effect.fnUntraced(function*(flags: ReadonlyArray<string>) {
  const nodes = yield* makeNodes(4, flags)
  const [first, second, third, fourth] = nodes
  if (!first || !second || !third || !fourth) throw new Error("four nodes were asked for")
  const peers = fourth.peers.split(",").slice(0, 3).join(",")
  const members = yield* Effect.forEach([first, second, third], (node) => make({ ...node, peers }))
  yield* Effect.forEach(members, ({ start }) => start, { concurrency: "unbounded", discard: true })
  const joiner = yield* make({ ...fourth, peers, flags: ["--join", ...flags] })
  return { members, joiner }
})

/** A cluster that all the tests of an operator change in turn. */
class Ground extends Context.Service<Ground, {
  /** Whoever is a member now. */
  members: ReadonlyArray<TestNode>
  readonly joiner: TestNode
}>()("test/e2e/Ground") {
  static readonly layer = Layer.effect(Ground, Effect.suspend(() => threeAndOne(calm)))
}

const isVoter = (asked: TestNode, { nodeId }: TestNode) =>
  Effect.map(
    asked.status,
    ({ members }) => members.some((member) => member.nodeId === nodeId && member.voter) ? true : null
  )

const isGone = (asked: TestNode, { nodeId }: TestNode) =>
  Effect.map(asked.status, ({ members }) => members.every((member) => member.nodeId !== nodeId) ? true : null)

/** With so much patience that no election comes of a machine that is busy. */
const calm = ["--election-millis-min=2000", "--election-millis-max=4000"]

/** What a node logs that misses its leader. */
const asks = "Asks whether it could win an election"

/** Fills the log with this many entries at least. */
const work = Effect.fnUntraced(function*(node: TestNode, cycles: number) {
  const session = yield* openSession(node, 60_000)
  for (let cycle = 0; cycle < cycles; cycle++) {
    const { body } = yield* acquire(node, "worked on", { session })
    yield* release(node, "worked on", { session, token: body["token"] })
  }
})

layer(Ground.layer, { excludeTestServices: true, timeout: 90_000 })("a cluster", (it) => {
  it.effect("is led by the node named, and writes go on", () =>
    Effect.gen(function*() {
      const { members } = yield* Ground
      const { followers: [target], leader, term } = yield* settled(members)
      assert.isDefined(target)
      const moved = yield* leader.request("POST", "/cluster/leader/transfer", { to: target.nodeId })
      assert.strictEqual(moved.status, 200, JSON.stringify(moved.body))
      assert.deepStrictEqual(moved.body, { leaderId: target.nodeId, term: term + 1 })
      assert.strictEqual((yield* acquire(leader, "after", { ttlMs: 1_000 })).status, 200)
      assert.strictEqual((yield* settled(members)).leader.nodeId, target.nodeId)
    }))

  it.effect("is handed over by a leader that is asked to stop, and nobody waits for an election", () =>
    Effect.gen(function*() {
      const { members } = yield* Ground
      const { followers, leader } = yield* settled(members)
      const [follower] = followers
      assert.isDefined(follower)
      const held = yield* acquire(follower, "handed over", { ttlMs: 60_000 })
      const elections = Effect.sync(() => followers.map((node) => node.said().split(asks).length))
      const before = yield* elections
      const stopping = yield* Effect.forkChild(leader.kill("SIGTERM"))
      const next = yield* acquire(follower, "next", { ttlMs: 60_000 })
      yield* Fiber.join(stopping)
      assert.strictEqual(next.status, 200)
      assert.isAbove(Number(next.body["token"]), Number(held.body["token"]))
      // Nobody had to miss the leader first.
      assert.deepStrictEqual(yield* elections, before)
      const { leader: now } = yield* settled(followers)
      assert.deepStrictEqual(tokensOf(yield* show(now, "handed over")), [held.body["token"]])
      yield* leader.start
    }))

  it.effect("takes in a node with an empty disk that was started with --join, and a removed one stops", () =>
    Effect.gen(function*() {
      const ground = yield* Ground
      const { joiner, members } = ground
      const { followers: [follower], leader } = yield* settled(members)
      assert.isDefined(follower)
      const held = yield* acquire(leader, "kept", { ttlMs: 60_000 })
      yield* joiner.start
      yield* until("it is a voter", isVoter(follower, joiner))
      yield* settled([...members, joiner])
      assert.deepStrictEqual(tokensOf(yield* show(joiner, "kept")), [held.body["token"]])
      const removed = yield* joiner.request("DELETE", `/cluster/members/${follower.nodeId}`)
      assert.strictEqual(removed.status, 200, JSON.stringify(removed.body))
      yield* until("it is gone", isGone(leader, follower))
      yield* until("it has stopped", Effect.sync(() => follower.isRunning() ? null : true))
      ground.members = [...members.filter((node) => node !== follower), joiner]
      yield* settled(ground.members)
      assert.strictEqual((yield* acquire(joiner, "another", { ttlMs: 1_000 })).status, 200)
    }))

  it.effect("goes on without its leader when that is removed", () =>
    Effect.gen(function*() {
      const { followers, leader } = yield* settled((yield* Ground).members)
      const held = yield* acquire(leader, "led", { ttlMs: 60_000 })
      const removed = yield* leader.request("DELETE", `/cluster/members/${leader.nodeId}`)
      assert.strictEqual(removed.status, 200, JSON.stringify(removed.body))
      const { leader: next } = yield* settled(followers)
      assert.deepStrictEqual(tokensOf(yield* show(next, "led")), [held.body["token"]])
      yield* until("it has stopped", Effect.sync(() => leader.isRunning() ? null : true))
    }))
})

describe("a node", () => {
  it.live("that was away for longer than the log reaches back is sent a snapshot", () =>
    Effect.gen(function*() {
      const nodes = yield* makeNodes(3, ["--snapshot-entries=50", "--snapshot-retained-entries=10"])
      yield* Effect.forEach(nodes, ({ start }) => start, { concurrency: "unbounded", discard: true })
      const { followers: [away, other], leader } = yield* settled(nodes)
      assert.isDefined(away)
      assert.isDefined(other)
      const held = yield* acquire(leader, "kept", { ttlMs: 60_000 })
      yield* away.kill("SIGKILL")
      yield* work(leader, 100)
      yield* away.start
      const { commitIndex } = yield* leader.status
      yield* until(
        "it has caught up",
        Effect.map(away.status, ({ lastApplied }) => lastApplied >= commitIndex ? true : null)
      )
      assert.include(away.said(), "fetches a snapshot from")
      assert.deepStrictEqual(tokensOf(yield* show(away, "kept")), [held.body["token"]])
      yield* Effect.forEach([leader, away, other], (node) => node.kill("SIGKILL"), { discard: true })
      yield* Effect.forEach([leader, away, other], ({ start }) => start, { concurrency: "unbounded", discard: true })
      const { leader: next } = yield* settled([leader, away, other])
      assert.deepStrictEqual(tokensOf(yield* show(next, "kept")), [held.body["token"]])
    }))
})
