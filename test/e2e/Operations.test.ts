/**
 * What an operator does to a running cluster of real processes: nodes are added, removed, replaced and
 * stopped, leadership moves, logs become snapshots; meanwhile locks are held, and stay held.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { rmSync } from "node:fs"
import { acquire, openSession, release, show, tokensOf } from "./harness/Locks.ts"
import { makeNodes, settled } from "./harness/TestCluster.ts"
import { make, type TestNode } from "./harness/TestNode.ts"
import { until } from "./harness/Until.ts"

/** Three that run, and one that is not a member: it knows the three, and its own address. */
const threeAndOne = Effect.fnUntraced(function*(flags: ReadonlyArray<string> = []) {
  const nodes = yield* makeNodes(4, flags)
  const [first, second, third, fourth] = nodes
  if (!first || !second || !third || !fourth) throw new Error("four nodes were asked for")
  const peers = fourth.peers.split(",").slice(0, 3).join(",")
  const members = yield* Effect.forEach([first, second, third], (node) => make({ ...node, peers }))
  yield* Effect.forEach(members, ({ start }) => start, { concurrency: "unbounded", discard: true })
  const joiner = yield* make({ ...fourth, peers, flags: ["--join", ...flags] })
  return { members, joiner, ...yield* settled(members) }
})

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

describe("a node", { concurrent: true }, () => {
  it.live("that is started with --join and an empty disk becomes a voter, and a removed one stops", () =>
    Effect.gen(function*() {
      const { followers: [follower], joiner, leader, members } = yield* threeAndOne()
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
      const rest = [...members.filter((node) => node !== follower), joiner]
      yield* settled(rest)
      assert.strictEqual((yield* acquire(joiner, "another", { ttlMs: 1_000 })).status, 200)
    }))

  it.live("that leads can be removed, and its cluster goes on", () =>
    Effect.gen(function*() {
      const { followers, leader } = yield* threeAndOne()
      const held = yield* acquire(leader, "kept", { ttlMs: 60_000 })
      const removed = yield* leader.request("DELETE", `/cluster/members/${leader.nodeId}`)
      assert.strictEqual(removed.status, 200, JSON.stringify(removed.body))
      const { leader: next } = yield* settled(followers)
      assert.deepStrictEqual(tokensOf(yield* show(next, "kept")), [held.body["token"]])
      yield* until("it has stopped", Effect.sync(() => leader.isRunning() ? null : true))
    }))

  it.live("whose disk was lost comes back with --rejoin", () =>
    Effect.gen(function*() {
      const { followers: [lost], leader, members } = yield* threeAndOne()
      assert.isDefined(lost)
      const held = yield* acquire(leader, "kept", { ttlMs: 60_000 })
      yield* lost.kill("SIGKILL")
      rmSync(lost.dataDir, { recursive: true })
      const back = yield* make({ ...lost, flags: ["--rejoin"] })
      yield* back.start
      yield* until("it is a voter", isVoter(leader, back))
      yield* settled([...members.filter((node) => node !== lost), back])
      assert.deepStrictEqual(tokensOf(yield* show(back, "kept")), [held.body["token"]])
    }))

  it.live("that was away for longer than the log reaches back is sent a snapshot", () =>
    Effect.gen(function*() {
      const flags = ["--snapshot-entries=50", "--snapshot-retained-entries=10"]
      const { followers: [away, other], leader } = yield* threeAndOne(flags)
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

describe("leadership", { concurrent: true }, () => {
  it.live("goes to the node named, and writes go on", () =>
    Effect.gen(function*() {
      const { followers: [target], leader, members, term } = yield* threeAndOne()
      assert.isDefined(target)
      const moved = yield* leader.request("POST", "/cluster/leader/transfer", { to: target.nodeId })
      assert.strictEqual(moved.status, 200, JSON.stringify(moved.body))
      assert.deepStrictEqual(moved.body, { leaderId: target.nodeId, term: term + 1 })
      assert.strictEqual((yield* acquire(leader, "after", { ttlMs: 1_000 })).status, 200)
      assert.strictEqual((yield* settled(members)).leader.nodeId, target.nodeId)
    }))

  it.live("is handed over by a leader that is asked to stop, and nobody waits for an election", () =>
    Effect.gen(function*() {
      const { followers, leader } = yield* threeAndOne(calm)
      const [follower] = followers
      assert.isDefined(follower)
      const held = yield* acquire(follower, "kept", { ttlMs: 60_000 })
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
      assert.deepStrictEqual(tokensOf(yield* show(now, "kept")), [held.body["token"]])
    }))
})
