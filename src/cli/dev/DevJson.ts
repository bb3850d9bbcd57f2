/**
 * `dev.json`: where the nodes of a cluster on this machine are, for scripts. A reader sees one version or
 * the next one whole, and never a file that is being written.
 */
import { Effect, FileSystem, Path, Semaphore } from "effect"
import { fileFault } from "../../node/config/FileFault.ts"
import { formatAddress } from "../../node/config/Peers.ts"
import { DevFailed } from "./DevFailed.ts"
import type { PlannedNode } from "./Plan.ts"

export interface DevJson {
  /** Writes down that a node has this pid, or none any more. */
  readonly setPids: (
    pids: ReadonlyArray<readonly [nodeId: string, pid: number | null]>
  ) => Effect.Effect<void, DevFailed>
}

export const make = Effect.fnUntraced(function*(dataDir: string, nodes: ReadonlyArray<PlannedNode>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const target = path.join(dataDir, "dev.json")
  const temporary = `${target}.new`
  const pids = new Map<string, number | null>()
  const oneAtATime = yield* Semaphore.make(1)

  const content = () => ({
    pid: process.pid,
    nodes: nodes.map(({ config: { dataDir: nodeDir, host, httpPort, nodeId, raftPort, rpcPort } }) => ({
      nodeId,
      pid: pids.get(nodeId) ?? null,
      http: formatAddress({ host, port: httpPort }),
      raft: formatAddress({ host, port: raftPort }),
      rpc: formatAddress({ host, port: rpcPort }),
      dataDir: path.resolve(nodeDir)
    }))
  })
  const write = Effect.gen(function*() {
    const file = yield* fs.open(temporary, { flag: "w" })
    yield* file.writeAll(new TextEncoder().encode(`${JSON.stringify(content(), null, 2)}\n`))
    yield* file.sync
  }).pipe(
    Effect.scoped,
    Effect.andThen(fs.rename(temporary, target)),
    oneAtATime.withPermits(1),
    Effect.mapError((error) => new DevFailed({ message: `cannot write ${target}: ${fileFault(error)}` }))
  )
  // What an earlier run has left would lead scripts to nodes that are gone.
  yield* Effect.ignore(fs.remove(target))

  return {
    setPids: (changes) =>
      Effect.suspend(() => {
        for (const [nodeId, pid] of changes) pids.set(nodeId, pid)
        return write
      })
  } satisfies DevJson
})
