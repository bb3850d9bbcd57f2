/** A follower that has fetched a snapshot: whatever its leader offers before it is installed must not spoil that. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, FiberMap, Layer, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import { crc32 } from "node:zlib"
import { makeLockTable } from "../../../src/lock/LockTable.ts"
import * as Intake from "../../../src/node/Intake.ts"
import { LockStore } from "../../../src/node/LockStore.ts"
import { NodeEvent } from "../../../src/node/NodeEvent.ts"
import type { PeerMessage } from "../../../src/node/peers/PeerMessage.ts"
import { Requests } from "../../../src/node/requests/Requests.ts"
import type { Shell } from "../../../src/node/Shell.ts"
import * as Installing from "../../../src/node/snapshots/Installing.ts"
import * as SnapshotWork from "../../../src/node/snapshots/SnapshotWork.ts"
import { SnapshotStore, type StoredSnapshot } from "../../../src/node/SnapshotStore.ts"
import { failure } from "../../../src/node/snapshotstore/Failure.ts"
import * as MemoryDisk from "../../../src/node/snapshotstore/MemoryDisk.ts"
import * as SnapshotStoreMemory from "../../../src/node/snapshotstore/SnapshotStoreMemory.ts"
import { Term } from "../../../src/raft/Entry.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import type { RaftMessage } from "../../../src/raft/RaftMessage.ts"
import { piecesOf } from "../../lock/support/snapshots.ts"
import { node } from "../../raft/support/build.ts"
import { snapshotAt } from "../snapshotstore/Snapshots.ts"

const leader = NodeId.make("n1")

const openStore = (disk = MemoryDisk.make()) =>
  Effect.map(Layer.build(SnapshotStoreMemory.layer(disk)), Context.get(SnapshotStore))

/** The store of a leader with a snapshot of this index. */
const storeWith = Effect.fnUntraced(function*(index: number) {
  const store = yield* openStore()
  const stored = yield* store.write(snapshotAt(index), Stream.fromIterable(piecesOf(makeLockTable().snapshot())))
  return { store, stored }
})

const received = (message: PeerMessage, peer = leader): NodeEvent =>
  NodeEvent.Linked({ event: { _tag: "Received", peer, messages: [message] } })

const offerOf = ({ bytes, checksum, snapshot }: StoredSnapshot, by = leader): NodeEvent =>
  received({ _tag: "SnapshotOffer", term: Term.make(1), round: 0, snapshot, bytes, checksum }, by)

const makeFollower = Effect.gen(function*() {
  const asked: Array<PeerMessage> = []
  const disk = MemoryDisk.make()
  const shell = {
    state: node({ voters: 3 }),
    inbox: yield* Queue.bounded<NodeEvent>(16),
    outgoing: new Map(),
    beside: yield* FiberMap.make<string>(),
    linked: new Set(),
    administered: new Map(),
    requests: new Requests({ countMax: 1, bytesMax: 1 }),
    snapshots: SnapshotWork.idle(),
    snapshotStore: yield* openStore(disk),
    lockStore: Context.get(yield* Layer.build(LockStore.layer), LockStore),
    links: { send: (_: NodeId, messages: ReadonlyArray<PeerMessage>) => Effect.sync(() => asked.push(...messages)) }
  } as unknown as Shell
  /** What a turn does with these before it asks the core. */
  const take = Effect.fnUntraced(function*(events: ReadonlyArray<NodeEvent>) {
    const intake = Intake.sort(shell, events)
    for (const work of intake.snapshots) yield* work
    return intake.events.flatMap((event): ReadonlyArray<RaftMessage> =>
      event._tag === "Received" ? [event.message] : []
    )
  })
  /** Lets the leader answer whatever is asked of it, until there is nothing more. */
  const fetch = Effect.fnUntraced(function*({ store, stored }: Effect.Success<ReturnType<typeof storeWith>>) {
    for (let isIdle = false; !isIdle;) {
      yield* TestClock.adjust(0)
      const wanted = asked.splice(0).filter((message) => message._tag === "SnapshotWanted")
      isIdle = wanted.length === 0
      for (const { checksum, length, offset } of wanted) {
        const bytes = yield* store.read(stored, offset, length)
        yield* take([received({ _tag: "SnapshotChunk", checksum, offset, crc: crc32(bytes), bytes })])
      }
    }
  })
  const install = ({ snapshot }: StoredSnapshot) =>
    Installing.adopt(shell, { _tag: "InstallSnapshot", snapshot, keepsLog: false })
  return { asked, disk, fetch, install, shell, take }
})

describe("A follower that has fetched a snapshot", () => {
  const cases = [
    ["the same", 10],
    ["a later one", 20]
  ] as const

  it.effect.each(cases)(
    "installs it although its leader offers %s in that very turn",
    ([, index]) =>
      Effect.gen(function*() {
        const [first, second] = [yield* storeWith(10), yield* storeWith(index)]
        const { fetch, install, shell, take } = yield* makeFollower
        yield* take([offerOf(first.stored)])
        yield* fetch(first)
        const messages = yield* take([...yield* Queue.takeAll(shell.inbox), offerOf(second.stored)])
        assert.deepStrictEqual(messages.map(({ _tag }) => _tag), ["InstallSnapshot"])
        yield* TestClock.adjust(0)
        yield* install(first.stored)
        assert.deepStrictEqual(shell.snapshotStore.latest(), first.stored)
      }).pipe(Effect.scoped)
  )

  it.effect.each(cases)(
    "installs nothing that is not there when its leader offers %s in the turn before",
    ([, index]) =>
      Effect.gen(function*() {
        const [first, second] = [yield* storeWith(10), yield* storeWith(index)]
        const { fetch, install, shell, take } = yield* makeFollower
        yield* take([offerOf(first.stored)])
        yield* fetch(first)
        yield* take([offerOf(second.stored)])
        yield* fetch(second)
        const messages = yield* take(yield* Queue.takeAll(shell.inbox))
        assert.deepStrictEqual(messages.map((message) => "snapshot" in message && message.snapshot), [
          second.stored.snapshot
        ])
        yield* install(second.stored)
        assert.deepStrictEqual(shell.snapshotStore.latest(), second.stored)
      }).pipe(Effect.scoped)
  )

  it.effect("waits for room when the disk is full as it takes its place, and asks twice a second", () =>
    Effect.gen(function*() {
      const only = yield* storeWith(10)
      const { disk, fetch, install, shell, take } = yield* makeFollower
      yield* take([offerOf(only.stored)])
      yield* fetch(only)
      yield* take(yield* Queue.takeAll(shell.inbox))
      disk.trouble = Effect.fail(failure("full", "memory", "on demand"))
      const installing = yield* Effect.forkChild(install(only.stored), { startImmediately: true })
      yield* TestClock.adjust(4_900)
      disk.trouble = Effect.void
      yield* TestClock.adjust(99)
      assert.isUndefined(installing.pollUnsafe())
      yield* TestClock.adjust(1)
      assert.isDefined(installing.pollUnsafe())
      assert.deepStrictEqual(shell.snapshotStore.latest(), only.stored)
    }).pipe(Effect.scoped))
})

describe("A follower that fetches a snapshot", () => {
  /** It has asked for the one chunk that there is. */
  const makeFetching = Effect.gen(function*() {
    const only = yield* storeWith(10)
    const follower = yield* makeFollower
    yield* follower.take([offerOf(only.stored)])
    yield* TestClock.adjust(0)
    assert.deepStrictEqual(follower.asked.splice(0).map(({ _tag }) => _tag), ["SnapshotWanted"])
    return { ...follower, only }
  })

  const lost = [
    ["was lost", () => []],
    ["came damaged", ({ bytes, checksum }: StoredSnapshot) => [
      received({ _tag: "SnapshotChunk", checksum, offset: 0, crc: 1, bytes: new Uint8Array(bytes) })
    ]],
    ["is of another file", ({ bytes }: StoredSnapshot) => [
      received({
        _tag: "SnapshotChunk",
        checksum: "0".repeat(64),
        offset: 0,
        crc: crc32(new Uint8Array(bytes)),
        bytes: new Uint8Array(bytes)
      })
    ]]
  ] as const

  it.effect.each(lost)("asks again after a second for a chunk that %s", ([, came]) =>
    Effect.gen(function*() {
      const { asked, only, take } = yield* makeFetching
      yield* take(came(only.stored))
      yield* TestClock.adjust(999)
      const early = asked.splice(0)
      yield* TestClock.adjust(1001)
      assert.isAtLeast(asked.length, 1)
      const again = { _tag: "SnapshotWanted", checksum: only.stored.checksum, offset: 0 } as const
      for (const message of [...early, ...asked]) assert.deepInclude(message, again)
    }).pipe(Effect.scoped))

  it.effect("asks for nothing more when the link to its leader ends", () =>
    Effect.gen(function*() {
      const { asked, take } = yield* makeFetching
      yield* take([NodeEvent.Linked({ event: { _tag: "Disconnected", peer: leader } })])
      yield* TestClock.adjust(10_000)
      assert.deepStrictEqual(asked, [])
    }).pipe(Effect.scoped))

  it.effect("goes on with what a new leader offers, also when the link to the old one ends in the same turn", () =>
    Effect.gen(function*() {
      const { asked, take } = yield* makeFetching
      const { stored } = yield* storeWith(20)
      const isUnlinked = NodeEvent.Linked({ event: { _tag: "Disconnected", peer: leader } })
      yield* take([offerOf(stored, NodeId.make("n2")), isUnlinked])
      yield* TestClock.adjust(1001)
      const { checksum } = stored
      assert.deepStrictEqual(
        asked.map((message) => "checksum" in message && message.checksum),
        [checksum, checksum]
      )
    }).pipe(Effect.scoped))

  it.effect("takes the same offer again when it was stopped, by whatever", () =>
    Effect.gen(function*() {
      const { asked, only, shell, take } = yield* makeFetching
      yield* FiberMap.clear(shell.beside)
      yield* take([offerOf(only.stored)])
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(asked.map(({ _tag }) => _tag), ["SnapshotWanted"])
    }).pipe(Effect.scoped))

  const useless = [
    ["of an older term", node({ log: [1], term: 2 })],
    ["of what it has as committed", node({ log: Array.from({ length: 30 }, () => 1), snapshot: 20 })]
  ] as const

  it.effect.each(useless)("takes no offer %s", ([, state]) =>
    Effect.gen(function*() {
      const only = yield* storeWith(10)
      const { asked, shell, take } = yield* makeFollower
      shell.state = state
      yield* take([offerOf(only.stored)])
      yield* TestClock.adjust(10_000)
      assert.deepStrictEqual(asked, [])
    }).pipe(Effect.scoped))
})
