/**
 * A cluster of real processes for a measurement: started by the launcher that users run, at default
 * settings, in a temporary directory and on free ports. Its processes and files are gone with the scope.
 */
import { Array, Effect } from "effect"
import { join } from "node:path"
import { freePorts } from "../../test/e2e/harness/FreePorts.ts"
import { settled, tempDir } from "../../test/e2e/harness/TestCluster.ts"
import * as TestNode from "../../test/e2e/harness/TestNode.ts"
import { until } from "../../test/e2e/harness/Until.ts"

/** Where a node runs: on this machine's loopback, or in a network of its own. */
export interface Site {
  readonly host: string
  /** The command that starts a process there, before the process's own. */
  readonly within: ReadonlyArray<string>
}

export const loopback: Site = { host: "127.0.0.1", within: [] }

/** `flags` are settings other than the default ones. */
export const make = Effect.fnUntraced(function*(sites: ReadonlyArray<Site>, flags: ReadonlyArray<string> = []) {
  const directory = yield* tempDir
  const ports = yield* freePorts(3 * sites.length)
  const places = Array.map(sites, ({ host, within }, position) => ({
    nodeId: `node${position + 1}`,
    host,
    within,
    httpPort: ports[3 * position] ?? 0,
    raftPort: ports[3 * position + 1] ?? 0,
    rpcPort: ports[3 * position + 2] ?? 0,
    dataDir: join(directory, `node${position + 1}`),
    flags
  }))
  const peers = places.map(({ host, nodeId, raftPort }) => `${nodeId}@${host}:${raftPort}`).join(",")
  const nodes = yield* Effect.forEach(places, (place) => TestNode.make({ ...place, peers }))
  yield* Effect.forEach(nodes, ({ start }) => start, { concurrency: "unbounded", discard: true })
  return nodes
})

export const addressesOf = (nodes: ReadonlyArray<TestNode.TestNode>): ReadonlyArray<string> =>
  nodes.map(({ host = "127.0.0.1", rpcPort }) => `${host}:${rpcPort}`)

export const pidsOf = (nodes: ReadonlyArray<TestNode.TestNode>): ReadonlyArray<number> =>
  nodes.map((node) => node.process().pid)

/** Waits until all agree on a leader and have applied what it had committed then. */
export const caughtUp = Effect.fnUntraced(function*(nodes: ReadonlyArray<TestNode.TestNode>) {
  const roles = yield* settled(nodes)
  const { commitIndex } = yield* roles.leader.status
  const applied = Effect.map(
    Effect.forEach(nodes, ({ status }) => status),
    (statuses) => statuses.every(({ lastApplied }) => lastApplied >= commitIndex) ? true : null
  )
  yield* Effect.orDie(until("all nodes have caught up", applied, 60_000))
  return roles
})
