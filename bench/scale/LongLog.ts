/**
 * How soon a node is back that has very many entries in its log and no snapshot. The entries are written by the log
 * store of the node itself, as a leader would have them written; then the node is started as users start it.
 */
import { Console, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { join } from "node:path"
import { FencingToken, LockName, RequestId, SessionHash } from "../../src/lock/Identifiers.ts"
import type { LockCommand } from "../../src/lock/LockCommand.ts"
import * as Codec from "../../src/node/codec/Codec.ts"
import { LogStore } from "../../src/node/LogStore.ts"
import * as LogStoreSqlite from "../../src/node/logstore/LogStoreSqlite.ts"
import { type Entry, LogIndex, Payload, type Position } from "../../src/raft/Entry.ts"
import { NodeId } from "../../src/raft/Membership.ts"
import { tempDir } from "../../test/e2e/harness/TestCluster.ts"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as Probe from "../probe/Probe.ts"
import { read, type Summary } from "../profile/Reading.ts"
import * as Inside from "./Inside.ts"

export interface Results {
  readonly entries: number
  readonly restart: Inside.Start
  /** Of one start more. */
  readonly restartProfile: Summary
  /** The same node, before there was anything in its log. */
  readonly emptyRestart: Inside.Start
}

export const measure = Effect.fnUntraced(function*(entries: number) {
  const [probe] = yield* Probe.make(1)
  const [node] = probe === undefined ? [] : yield* BenchCluster.make([probe.site], noSnapshots)
  if (probe === undefined || node === undefined) return yield* Effect.die(new Error("there is no node"))
  yield* BenchCluster.caughtUp([node])
  const { commitIndex } = yield* Effect.orDie(node.status)
  yield* node.kill("SIGTERM")
  const emptyRestart = yield* Inside.start(node, commitIndex)
  yield* node.kill("SIGTERM")
  const last = yield* write(node, entries)
  yield* Console.error(`${entries} entries are written`)
  const restart = yield* Inside.start(node, last)
  yield* Console.error(
    `restarted in ${restart.millis.toFixed(0)} ms, before that in ${emptyRestart.millis.toFixed(0)} ms`
  )
  yield* node.kill("SIGTERM")
  const path = join(yield* tempDir, "restart-log.cpuprofile")
  yield* probe.profilingStart(path, Inside.start(node, last))
  return { entries, restart, restartProfile: read(path), emptyRestart } satisfies Results as Results
}, Effect.scoped)

/** Neither after so many entries nor after so many bytes. */
const noSnapshots = ["--snapshot-entries=1000000000", "--snapshot-bytes-min=1073741824"]

const write = ({ dataDir, nodeId }: Pick<TestNode, "dataDir" | "nodeId">, count: number) =>
  Effect.gen(function*() {
    const { recovered, write } = yield* LogStore
    const last = recovered.entries.at(-1) ?? recovered.start
    for (let at = 0; at < count; at += batch) {
      const some = Array.from({ length: Math.min(batch, count - at) }, (_, of) => entry(last, at + of))
      yield* write({ hardState: null, entries: some })
    }
    return last.index + count
  }).pipe(Effect.provide(storeIn(dataDir, nodeId)), Effect.orDie)

const storeIn = (dataDir: string, nodeId: string) =>
  LogStoreSqlite.layer({ dataDir, nodeId: NodeId.make(nodeId) }).pipe(Layer.provide(SecureRandom.layerWebCrypto))

const batch = 10_000

const entry = (last: Position, at: number): Entry => ({
  index: LogIndex.make(last.index + 1 + at),
  term: last.term,
  time: last.time + at,
  payload: Payload.cases.Command.make({
    bytes: Codec.batch.encode({
      commands: [command(at)],
      note: { wallMillis: 1_700_000_000_000 + at, historyMax: 10_000 }
    })
  })
})

/** A session, and then cycles of an acquire and a release: of a thousand locks, one after the other. */
const command = (at: number): LockCommand => {
  if (at === 0) return { _tag: "OpenSession", request: requestOf(at), session, ttlMillis: 86_400_000, label: "bench" }
  const cycle = Math.floor((at - 1) / 2)
  const lock = LockName.make(`jobs/nightly/${cycle % 1000}`)
  return at % 2 === 1
    ? { _tag: "Acquire", request: requestOf(at), lock, session, owner: "", ...asked }
    : { _tag: "Release", request: requestOf(at), lock, session, token: FencingToken.make(cycle + 1) }
}

const asked = { mode: "exclusive", permits: 1, waitMillis: 0, lockDelayMillis: 0 } as const
const requestOf = (at: number) => RequestId.make(`node1/3f9a/${at}`)
const session = SessionHash.make("session".padEnd(43, "x"))
