/**
 * A log store in a SQLite file of the data directory, through the SQLite that is built into Node.
 *
 * One write is one transaction and one sync of the write-ahead log. Opening reads and verifies everything, so that a
 * node never starts on a log that it could not have written.
 */
import { Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import { DatabaseSync } from "node:sqlite"
import { type NodeId, StoreId } from "../../raft/Membership.ts"
import { LogStore, type LogStoreError } from "../LogStore.ts"
import * as DataDirectory from "./DataDirectory.ts"
import { failure } from "./Failure.ts"
import { attempt } from "./Foreign.ts"
import * as LogFile from "./LogFile.ts"
import * as Recovery from "./Recovery.ts"
import { makeSqliteDisk } from "./SqliteDisk.ts"
import * as Unfinished from "./Unfinished.ts"
import * as WalSync from "./WalSync.ts"
import * as Watermark from "./Watermark.ts"
import { makeWrite } from "./Writing.ts"

export interface Options {
  readonly nodeId: NodeId
  /** Made if it is not there. It belongs to one node and one process at a time. */
  readonly dataDir: string
  /** Done once the directory is this process's, before anything is read. Default: refuses what is not whole. */
  readonly prepare?: Effect.Effect<void, LogStoreError>
}

/** Opens the log in a data directory, or makes both. */
export const layer = (options: Options): Layer.Layer<LogStore, LogStoreError, SecureRandom.SecureRandom> =>
  Layer.effect(LogStore, Effect.suspend(() => make(options)))

const make = Effect.fnUntraced(function*({ dataDir, nodeId, prepare }: Options) {
  yield* DataDirectory.acquire(dataDir)
  yield* prepare ?? attempt(dataDir, () => Unfinished.refuse(dataDir))
  yield* createOnce(dataDir, nodeId)
  const database = yield* open(dataDir)
  const storeId = yield* attempt(dataDir, () => Recovery.readStore(database, dataDir, nodeId))
  const { sequence, ...found } = yield* attempt(dataDir, () => Recovery.recover(database, dataDir))
  const watermark = yield* openWatermark(dataDir, storeId, sequence)
  const tail = { hardState: found.hardState, start: found.start, last: found.entries.at(-1) ?? found.start }
  const boots = found.boots + 1
  const wal = yield* Effect.acquireRelease(
    attempt(dataDir, () => WalSync.open(dataDir)),
    ({ close }) => Effect.ignore(attempt(dataDir, close))
  )
  yield* settle(dataDir, database, wal)
  const options = { boots, database, dataDir, sequence, tail, wal, watermark }
  const disk = yield* attempt(dataDir, () => makeSqliteDisk(options))
  return {
    recovered: { ...found, nodeId, storeId, boots },
    write: makeWrite(disk, ({ message }) => failure("io", dataDir, `an earlier write failed: ${message}`))
  }
})

const createOnce = Effect.fnUntraced(function*(dataDir: string, nodeId: NodeId) {
  const companions = [`${LogFile.pathIn(dataDir)}-wal`, Watermark.pathIn(dataDir)]
  if (yield* attempt(dataDir, () => LogFile.exists(dataDir, companions))) return
  const random = yield* SecureRandom.SecureRandom
  const storeId = StoreId.make(Hex.encode(yield* random.randomBytes(16)))
  yield* attempt(dataDir, () => LogFile.create(dataDir, nodeId, storeId))
})

// Closing moves the write-ahead log into the file and removes it. It may fail: everything acknowledged is durable
// already, and the next start reads it from where it is.
const open = Effect.fnUntraced(function*(dataDir: string) {
  yield* attempt(dataDir, () => LogFile.sync(dataDir))
  const version = yield* attempt(dataDir, () => LogFile.checkHeader(dataDir))
  const database = yield* Effect.acquireRelease(
    attempt(dataDir, () => new DatabaseSync(LogFile.pathIn(dataDir))),
    (database) => Effect.ignore(attempt(dataDir, () => database.close()))
  )
  yield* attempt(dataDir, () => LogFile.configure(database, dataDir))
  yield* attempt(dataDir, () => LogFile.migrate(database, dataDir, version))
  return database
})

/**
 * Moves what a killed process has left in the write-ahead log into the file. To sync it where it is was not enough:
 * after a sync that has failed the operating system shows bytes that are not on the disk, and the next sync says that
 * they are. What is written anew is synced anew.
 */
const settle = (dataDir: string, database: DatabaseSync, wal: WalSync.WalSync) =>
  Effect.catchIf(
    attempt(dataDir, () => {
      database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
      // Else its old end might come back, and be taken for newer than the file.
      wal.sync()
    }),
    ({ reason }) => reason === "full",
    () => Effect.void
  )

/** Compares what was found with what is known to have been kept, and goes on from there. */
const openWatermark = Effect.fnUntraced(function*(dataDir: string, storeId: StoreId, sequence: number) {
  const kept = yield* attempt(dataDir, () => Watermark.read(dataDir, storeId))
  if (kept > sequence) {
    const detail = `it ends with write ${sequence}, but write ${kept} was acknowledged. The end of ` +
      `${LogFile.pathIn(dataDir)} or of its -wal file is lost`
    return yield* failure("corrupt", dataDir, detail)
  }
  return yield* Effect.acquireRelease(
    attempt(dataDir, () => Watermark.open(dataDir, storeId)),
    (watermark) => Effect.ignore(attempt(dataDir, watermark.close))
  )
})
