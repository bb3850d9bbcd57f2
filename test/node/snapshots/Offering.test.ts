/** A leader that offers a snapshot: the offer may get lost, and nobody may wait for the leader's own turn. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FiberMap, Queue } from "effect"
import { TestClock } from "effect/testing"
import { NodeEvent } from "../../../src/node/NodeEvent.ts"
import type { PeerMessage } from "../../../src/node/peers/PeerMessage.ts"
import type { Shell } from "../../../src/node/Shell.ts"
import * as Offering from "../../../src/node/snapshots/Offering.ts"
import * as SnapshotWork from "../../../src/node/snapshots/SnapshotWork.ts"
import { LogIndex, Term } from "../../../src/raft/Entry.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import * as Progress from "../../../src/raft/Progress.ts"
import { leader, node, snapshotOf } from "../../raft/support/build.ts"

const follower = NodeId.make("n2")
const snapshot = snapshotOf(10, 1)
const checksum = "c".repeat(64)

/** A leader with this snapshot on its shelf, and what it has sent. */
const makeLeader = (latest: typeof snapshot) =>
  Effect.gen(function*() {
    const sent: Array<PeerMessage> = []
    const outgoing = new Map<NodeId, Array<PeerMessage>>()
    const inbox = yield* Queue.bounded<NodeEvent>(4)
    const shell = {
      inbox,
      outgoing,
      beside: yield* FiberMap.make<string>(),
      snapshots: SnapshotWork.idle(),
      snapshotStore: {
        latest: () => ({ snapshot: latest, bytes: 1000, checksum }),
        read: (_: unknown, offset: number, length: number) => Effect.succeed(new Uint8Array(length).fill(offset))
      },
      links: { send: (_: NodeId, messages: ReadonlyArray<PeerMessage>) => Effect.sync(() => sent.push(...messages)) }
    } as unknown as Shell
    const offer = Offering.offer(shell, follower, { _tag: "InstallSnapshot", term: Term.make(1), snapshot, round: 0 })
    return { inbox, offer, outgoing, sent, shell }
  })

const leads = (count: number, group = {}) => leader({ log: Array.from({ length: count }, () => 1), ...group })

/** A leader whose snapshot is on its way to this follower. */
const withSnapshotFor = (id: NodeId) => {
  const state = leads(30)
  const progress = new Map(state.role.progress)
  progress.set(id, Progress.snapshotSent(progress.get(id)!, snapshot))
  return { ...state, role: { ...state.role, progress } }
}

const offersIn = (messages: ReadonlyArray<PeerMessage>) =>
  messages.filter(({ _tag }) => _tag === "SnapshotOffer").length

describe("A leader that offers a snapshot", () => {
  it.effect("offers it again to a follower that asks for nothing: the offer may have been dropped", () =>
    Effect.gen(function*() {
      const { offer, outgoing, sent } = yield* makeLeader(snapshot)
      yield* offer
      assert.strictEqual(offersIn(outgoing.get(follower) ?? []), 1)
      yield* TestClock.adjust("1999 millis")
      assert.deepStrictEqual(sent, [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(sent, outgoing.get(follower))
      yield* TestClock.adjust("4 seconds")
      assert.strictEqual(offersIn(sent), 3)
    }).pipe(Effect.scoped))

  it.effect("offers it once to one that asks for its bytes", () =>
    Effect.gen(function*() {
      const { offer, sent, shell } = yield* makeLeader(snapshot)
      yield* offer
      for (let offset = 0; offset < 6; offset++) {
        yield* TestClock.adjust("1 second")
        Offering.want(shell, follower, { _tag: "SnapshotWanted", checksum, offset, length: 1 })
      }
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(sent.map(({ _tag }) => _tag), Array.from({ length: 6 }, () => "SnapshotChunk" as const))
    }).pipe(Effect.scoped))

  const ends = [
    ["has what it lacked", leads(30)],
    ["is no member any more", leads(30, { voters: 1 })],
    ["is led by another", node({ log: [1] })]
  ] as const

  it.effect.each(ends)("offers nothing more to one that %s", ([, after]) =>
    Effect.gen(function*() {
      const { offer, sent, shell } = yield* makeLeader(snapshot)
      yield* offer
      yield* Offering.tidy(shell, withSnapshotFor(follower))
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(offersIn(sent), 1)
      yield* Offering.tidy(shell, after)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(offersIn(sent), 1)
    }).pipe(Effect.scoped))

  it.effect("tells one that asks for bytes of what it does not offer that there are none", () =>
    Effect.gen(function*() {
      const { offer, outgoing, sent, shell } = yield* makeLeader(snapshot)
      const wanted = { _tag: "SnapshotWanted", checksum, offset: 0, length: 1 } as const
      Offering.want(shell, follower, wanted)
      assert.deepStrictEqual(outgoing.get(follower), [{ _tag: "SnapshotEnded", checksum }])
      outgoing.clear()
      yield* offer
      Offering.want(shell, follower, { ...wanted, checksum: "d".repeat(64) })
      assert.deepStrictEqual(outgoing.get(follower)?.at(-1), { _tag: "SnapshotEnded", checksum: "d".repeat(64) })
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(sent, [])
    }).pipe(Effect.scoped))

  it.effect("does not wait within its turn for room in the inbox, which turns alone make", () =>
    Effect.gen(function*() {
      const { inbox, offer } = yield* makeLeader(snapshotOf(20, 1))
      for (let event = 0; event < 4; event++) Queue.offerUnsafe(inbox, NodeEvent.SweepDue())
      const offering = yield* Effect.forkChild(offer, { startImmediately: true })
      yield* TestClock.adjust(0)
      assert.isDefined(offering.pollUnsafe(), "the turn goes on")
      assert.lengthOf(yield* Queue.takeAll(inbox), 4)
      yield* TestClock.adjust(0)
      const [failed] = yield* Queue.takeAll(inbox)
      assert.deepInclude(failed?._tag === "Timed" ? failed.event : undefined, {
        _tag: "SnapshotFailed",
        peer: follower,
        index: LogIndex.make(10)
      })
    }).pipe(Effect.scoped))
})
