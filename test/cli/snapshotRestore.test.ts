/**
 * `holdfast snapshot restore`: the data directory of a new cluster out of a backup, and nothing out of anything else.
 */
import { NodeServices } from "@effect/platform-node"
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import fs, { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { join } from "node:path"
import { makeLockTable } from "../../src/lock/LockTable.ts"
import * as Backup from "../../src/node/backup/Backup.ts"
import { restore as restoreBackup } from "../../src/node/backup/Restore.ts"
import { LogStore, type LogStoreError } from "../../src/node/LogStore.ts"
import * as LogStoreSqlite from "../../src/node/logstore/LogStoreSqlite.ts"
import * as Unfinished from "../../src/node/logstore/Unfinished.ts"
import { SnapshotStore } from "../../src/node/SnapshotStore.ts"
import * as SnapshotStoreFile from "../../src/node/snapshotstore/SnapshotStoreFile.ts"
import { LogIndex } from "../../src/raft/Entry.ts"
import { NodeId } from "../../src/raft/Membership.ts"
import { restored as restoredTable } from "../lock/support/snapshots.ts"
import { writeBackup, wrongFiles } from "./support/BackupFile.ts"
import { directory } from "./support/Directory.ts"
import { holdfast } from "./support/running.ts"

const range = 2 ** 40

afterEach(() => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
})

const place = Effect.map(directory, (path) => {
  const [file, dataDir] = [join(path, "backup"), join(path, "deep", "data")]
  writeBackup(file)
  return { path, file, dataDir }
})

const restore = ({ dataDir, file }: { readonly file: string; readonly dataDir: string }, ...flags: Array<string>) =>
  holdfast("snapshot", "restore", file, "--node-id=a", "--raft=h:9081", `--data-dir=${dataDir}`, ...flags)

/** What a node finds that starts there. */
const open = Effect.fnUntraced(function*(dataDir: string) {
  const nodeId = NodeId.make("a")
  const stores = yield* Layer.build(
    SnapshotStoreFile.layer({ dataDir }).pipe(
      Layer.provideMerge(LogStoreSqlite.layer({ dataDir, nodeId })),
      Layer.provide(SecureRandom.layerWebCrypto)
    )
  )
  const { recovered } = Context.get(stores, LogStore)
  const snapshots = Context.get(stores, SnapshotStore)
  return { recovered, stored: snapshots.latest(), table: restoredTable(yield* Stream.runCollect(snapshots.pieces)) }
}, Effect.scoped)

describe("A backup that is restored", () => {
  it.live("says what has become of tokens, sessions and locks, and how to go on", () =>
    Effect.gen(function*() {
      const at = yield* place
      const { code, stderr, stdout } = yield* restore(at)
      assert.deepStrictEqual([code, stderr], [0, ""])
      const [first, ...rest] = stdout.split("\n")
      const pattern = /^(\S+) is the data directory of a, alone in the new cluster [0-9a-f]{32},$/
      assert.strictEqual(pattern.exec(first ?? "")?.[1], at.dataDir)
      assert.deepStrictEqual(rest, [
        `with what ${at.file} has of entry 42.`,
        "Sessions ended: 2; locks freed: 1.",
        `Tokens go on above ${range}; the last one in the backup is 1.`,
        `Whoever restores this backup once more, or an older one, must say --tokens-above ${range},`,
        "or that cluster grants the tokens again that this one has granted.",
        "Nothing is granted until it has run for 1m, the longest TTL in the backup.",
        `Start with --node-id a --data-dir ${at.dataDir} --peers a@h:9081; further nodes start with --join.`
      ])
    }))

  it.live("is a log and a snapshot of a cluster of its own", () =>
    Effect.gen(function*() {
      const at = yield* place
      const { stdout } = yield* restore(at, "--json")
      const { clusterId, ...said } = JSON.parse(stdout)
      assert.deepStrictEqual(said, {
        nodeId: "a",
        dataDir: at.dataDir,
        index: 42,
        sessionsEnded: 2,
        locksFreed: 1,
        lastToken: { backup: 1, restored: range },
        grantsAfterMs: 60_000
      })
      const { recovered, stored, table } = yield* open(at.dataDir)
      const position = { index: 42, term: 7, time: 1_000 }
      assert.deepEqual<unknown>(recovered.start, position)
      assert.deepEqual<unknown>(recovered.hardState, { term: 7, votedFor: null })
      assert.isEmpty(recovered.entries)
      const member = { nodeId: "a", raft: "h:9081", voter: true, storeId: recovered.storeId }
      assert.deepEqual<unknown>(stored?.snapshot, {
        ...position,
        configIndex: 42,
        membership: { clusterId, members: [member] }
      })
      assert.isFalse(table.hasSessions)
      assert.include(table.digest(), String(range))
      assert.notStrictEqual(table.digest(), makeLockTable().digest())
    }))

  it.live("gives each new cluster an id of its own", () =>
    Effect.gen(function*() {
      const at = yield* place
      const ids = yield* Effect.forEach(["x", "y"], (name) =>
        Effect.map(restore({ ...at, dataDir: join(at.path, name) }, "--json"), ({ stdout }) =>
          JSON.parse(stdout).clusterId))
      assert.notStrictEqual(ids[0], ids[1])
    }))

  it.live("grants at once, and counts above a token, when it is told so", () =>
    Effect.gen(function*() {
      const at = yield* place
      const above = 5 * range + 7
      const { stdout } = yield* restore(at, "--grant-now", `--tokens-above=${above}`)
      assert.include(stdout, `Tokens go on above ${6 * range}; the last one in the backup is 1.`)
      assert.include(stdout, "Locks are granted at once.")
    }))

  it.live("goes into a directory that is there and empty, such as a file system of its own", () =>
    Effect.gen(function*() {
      const at = yield* place
      mkdirSync(join(at.dataDir, "lost+found"), { recursive: true })
      assert.strictEqual((yield* restore(at)).code, 0)
    }))
})

describe("A backup that is restored twice", () => {
  it.live("gives other tokens when it is told what the first restore has printed", () =>
    Effect.gen(function*() {
      const at = yield* place
      const first = JSON.parse((yield* restore(at, "--json")).stdout).lastToken.restored
      const elsewhere = { ...at, dataDir: join(at.path, "elsewhere") }
      const { stdout } = yield* restore(elsewhere, "--json", `--tokens-above=${first}`)
      assert.deepStrictEqual(JSON.parse(stdout).lastToken, { backup: 1, restored: first + range })
    }))
})

describe("A restore that is cut short", () => {
  const mark = (dataDir: string) => join(dataDir, "restoring")
  const made = ["LOCK", "log.sqlite", "log.watermark", "snapshots"]

  /** Runs in this process. */
  const restoreHere = Effect.fnUntraced(
    function*({ dataDir, file }: { readonly file: string; readonly dataDir: string }, change: Partial<Backup.Backup>) {
      const backup = yield* Backup.read(file)
      const options = { nodeId: NodeId.make("a"), raft: "h:9081", dataDir, tokensAbove: 0, grantNow: false }
      return yield* restoreBackup({ ...backup, ...change }, options)
    },
    Effect.provide([NodeServices.layer, SecureRandom.layerWebCrypto])
  )

  /** Ends as soon as it has come to the snapshot. */
  const cutShort = Effect.fnUntraced(function*(at: { readonly file: string; readonly dataDir: string }) {
    const full = () => {
      throw new Error("the disk is full")
    }
    const { table } = yield* Backup.read(at.file)
    return yield* Effect.exit(restoreHere(at, { table: { ...table, snapshot: full } }))
  })

  /** Of an entry far behind the one of the backup in the file. */
  const restoreLater = Effect.fnUntraced(function*(at: { readonly file: string; readonly dataDir: string }) {
    const { snapshot } = yield* Backup.read(at.file)
    yield* restoreHere(at, { snapshot: { ...snapshot, index: LogIndex.make(99) } })
  })

  it.live("has its mark on disk before there is anything else", () =>
    Effect.gen(function*() {
      const at = yield* place
      const seen = new Set<string>()
      const { fsyncSync } = fs
      vi.spyOn(fs, "fsyncSync").mockImplementation((file) => {
        fsyncSync(file)
        if (!existsSync(mark(at.dataDir)) || readdirSync(at.dataDir).length > 1) return
        const { ino } = fs.fstatSync(file)
        for (const path of [at.dataDir, mark(at.dataDir)]) if (fs.statSync(path).ino === ino) seen.add(path)
      })
      syncBuiltinESMExports()
      yield* restoreHere(at, {})
      assert.deepStrictEqual([...seen], [mark(at.dataDir), at.dataDir])
    }))

  it.live("leaves a directory that no node starts on, and that the next one makes anew", () =>
    Effect.gen(function*() {
      const at = yield* place
      assert.strictEqual((yield* cutShort(at))._tag, "Failure")
      assert.includeMembers(readdirSync(at.dataDir), ["restoring", "log.sqlite"])
      const error = yield* Effect.flip(open(at.dataDir))
      assert.strictEqual(error.reason, "unfinished")
      assert.include(error.message, `${at.dataDir} is that of a restore that was cut short`)
      assert.include(error.message, "Run `holdfast snapshot restore` with it once more")

      assert.strictEqual((yield* restore(at)).code, 0)
      assert.deepStrictEqual(readdirSync(at.dataDir).toSorted(), made)
      assert.strictEqual((yield* open(at.dataDir)).recovered.start.index, 42)
    }))

  // As it is before the first step, and before the last one.
  it.live.each(["nothing", "everything"])(
    "when %s but its mark is there is begun anew",
    (what) =>
      Effect.gen(function*() {
        const at = yield* place
        if (what === "everything") yield* restoreLater(at)
        mkdirSync(at.dataDir, { recursive: true })
        writeFileSync(mark(at.dataDir), "")
        assert.strictEqual((yield* Effect.flip(open(at.dataDir))).reason, "unfinished")
        const { stdout } = yield* restore(at, "--json")
        const { recovered, stored } = yield* open(at.dataDir)
        assert.deepStrictEqual([recovered.start.index, stored?.snapshot.index], [42, 42])
        assert.strictEqual(stored?.snapshot.membership.clusterId, JSON.parse(stdout).clusterId)
        assert.strictEqual(stored?.snapshot.membership.members[0]?.storeId, recovered.storeId)
        assert.lengthOf(readdirSync(join(at.dataDir, "snapshots")), 1)
        assert.isFalse(existsSync(mark(at.dataDir)))
      })
  )

  it.live("and finished by somebody else meanwhile is not touched", () =>
    Effect.gen(function*() {
      const at = yield* place
      yield* restore(at)
      const error = Effect.try({ try: () => Unfinished.clear(at.dataDir), catch: (thrown) => thrown as LogStoreError })
      assert.strictEqual((yield* Effect.flip(error)).reason, "in-use")
      assert.deepStrictEqual(readdirSync(at.dataDir).toSorted(), made)
    }))
})

describe("A restore that cannot be", () => {
  it.live("touches no directory that holds anything", () =>
    Effect.gen(function*() {
      const at = yield* place
      mkdirSync(at.dataDir, { recursive: true })
      writeFileSync(join(at.dataDir, "LOCK"), "")
      const { code, stderr, stdout } = yield* restore(at)
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.strictEqual(
        stderr,
        `${at.dataDir} is not empty: it holds LOCK. Nothing was touched; choose another directory.`
      )
      assert.deepStrictEqual(readdirSync(at.dataDir), ["LOCK"])
    }))

  it.live("does not go into a file", () =>
    Effect.gen(function*() {
      const at = yield* place
      const { code, stderr } = yield* restore({ ...at, dataDir: at.file })
      assert.strictEqual(code, 1)
      assert.match(stderr, /backup cannot be used: ENOTDIR: not a directory/)
    }))

  it.live.each(wrongFiles)("makes no directory of a file that %s", ([, bytes, said]) =>
    Effect.gen(function*() {
      const at = yield* place
      writeFileSync(at.file, bytes())
      const { code, stderr, stdout } = yield* restore(at)
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.match(stderr, said)
      assert.isFalse(existsSync(at.dataDir))
    }))

  it.live("says that there are no tokens left", () =>
    Effect.gen(function*() {
      const at = yield* place
      const { code, stderr } = yield* restore(at, `--tokens-above=${2 ** 53 - 1}`)
      assert.strictEqual(code, 1)
      assert.include(stderr, "there are no tokens left above 9007199254740991")
      assert.isFalse(existsSync(at.dataDir))
    }))

  const wrongCalls: ReadonlyArray<readonly [flag: string, said: RegExp]> = [
    ["--tokens-above=-1", /-1[^]*a whole number below 2\^53/],
    ["--tokens-above=9007199254740992", /9007199254740992[^]*an integer/],
    ["--tokens-above=many", /many/],
    ["--node-id=a b", /"a b"[^]*1 to 64 letters/],
    ["--raft=h", /"h"[^]*host:port/]
  ]

  it.live.each(wrongCalls)("is a wrong call with %s", ([flag, said]) =>
    Effect.gen(function*() {
      const at = yield* place
      const flags = ["--node-id=a", "--raft=h:1"].filter((given) => !flag.startsWith(given.slice(0, 6)))
      const { code, stderr } = yield* holdfast(
        "snapshot",
        "restore",
        at.file,
        `--data-dir=${at.dataDir}`,
        ...flags,
        flag
      )
      assert.strictEqual(code, 64)
      assert.match(stderr, said)
      assert.include(stderr, "see holdfast snapshot restore --help")
      assert.isFalse(existsSync(at.dataDir))
    }))
})
