/**
 * A cluster of real processes on this machine, each with a disk of its own in a temporary directory. A
 * test kills, freezes and starts nodes as it likes; `healed` makes the cluster whole for the next one.
 */
import { Array, Context, Effect, Layer } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { freePorts } from "./FreePorts.ts"
import * as Node from "./TestNode.ts"
import { until } from "./Until.ts"

type TestNode = Node.TestNode

/** The roles in a cluster that has settled. */
export interface Roles {
  readonly leader: TestNode
  readonly followers: ReadonlyArray<TestNode>
  readonly term: number
}

export class TestCluster extends Context.Service<TestCluster, {
  readonly nodes: ReadonlyArray<TestNode>
  /** Waits until these nodes agree on one leader among them. */
  readonly settled: (nodes?: ReadonlyArray<TestNode>) => Effect.Effect<Roles>
  /** Starts what is dead, thaws what is frozen, and waits until all agree. */
  readonly healed: Effect.Effect<Roles>
}>()("test/e2e/TestCluster") {
  /** As a user would have it, but for some settings. */
  static readonly layerWith = (size: number, flags: ReadonlyArray<string>) =>
    Layer.effect(TestCluster, make(size, flags))

  /** With so much patience that no election comes of a machine that is busy. */
  static readonly layerCalm = (size: number) =>
    Layer.effect(TestCluster, make(size, ["--election-millis-min=2000", "--election-millis-max=4000"]))
}

/** A directory that is gone with the scope. */
export const tempDir = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "holdfast-e2e-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Nodes that are not started yet. */
export const makeNodes = Effect.fnUntraced(function*(size: number, flags: ReadonlyArray<string> = []) {
  const directory = yield* tempDir
  const ports = yield* freePorts(3 * size)
  const places = Array.makeBy(size, (position) => ({
    nodeId: `node${position + 1}`,
    httpPort: ports[3 * position] ?? 0,
    raftPort: ports[3 * position + 1] ?? 0,
    rpcPort: ports[3 * position + 2] ?? 0,
    dataDir: join(directory, `node${position + 1}`),
    flags
  }))
  const peers = places.map(({ nodeId, raftPort }) => `${nodeId}@127.0.0.1:${raftPort}`).join(",")
  return yield* Effect.forEach(places, (place) => Node.make({ ...place, peers }))
})

const make = Effect.fnUntraced(function*(size: number, flags: ReadonlyArray<string>) {
  const nodes = yield* makeNodes(size, flags)
  const startDead = Effect.forEach(
    nodes,
    (node) => node.isRunning() ? node.kill("SIGCONT") : node.start,
    { concurrency: "unbounded", discard: true }
  )
  yield* startDead
  return TestCluster.of({
    nodes,
    settled: (some = nodes) => settled(some),
    healed: Effect.andThen(startDead, settled(nodes))
  })
})

export const settled = (nodes: ReadonlyArray<TestNode>): Effect.Effect<Roles> =>
  Effect.orDie(until("one leader, and all agree", rolesOf(nodes)))

const rolesOf = Effect.fnUntraced(function*(nodes: ReadonlyArray<TestNode>) {
  const seen = yield* Effect.forEach(nodes, (node) => Effect.map(node.status, (status) => ({ node, status })), {
    concurrency: "unbounded"
  })
  const leaders = seen.filter(({ status }) => status.state === "LEADER")
  const followers = seen.filter(({ status }) => status.state === "FOLLOWER")
  const [leader] = leaders
  if (leader === undefined || leaders.length > 1 || followers.length !== seen.length - 1) return null
  const { leaderId, term } = leader.status
  return seen.every(({ status }) => status.leaderId === leaderId && status.term === term)
    ? { leader: leader.node, followers: followers.map(({ node }) => node), term }
    : null
})
