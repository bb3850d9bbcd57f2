/** The lock table as Raft's state machine: what a node relies on when it takes a snapshot and when it is sent one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { LockCommand } from "../../src/lock/LockCommand.ts"
import type { Settled } from "../../src/lock/LockReply.ts"
import { LockStore } from "../../src/node/LockStore.ts"
import { LogIndex, Term } from "../../src/raft/Entry.ts"
import { acquire, name, open, token } from "../lock/support/commands.ts"
import { piecesOf } from "../lock/support/snapshots.ts"

const stores = Effect.all([LockStore, Effect.provide(LockStore, LockStore.layer, { local: true })])

const applyTo = (store: LockStore["Service"], time: number, ...commands: ReadonlyArray<LockCommand>) =>
  store.apply({
    index: LogIndex.make(1),
    term: Term.make(1),
    time,
    payload: { _tag: "Command", bytes: store.encode(commands, { wallMillis: 0, historyMax: 0 }) }
  })

const tokenOf = (store: LockStore["Service"], lock: string) => {
  const answer = store.answer({ _tag: "Lock", lock: name(lock) }, 0)
  return answer._tag === "Lock" ? answer.view.lastToken : undefined
}

const tokenGranted = ({ reply }: Settled) => reply._tag === "Granted" ? reply.token : undefined

describe("A lock store", () => {
  it.effect("shows in a snapshot the moment at which it was begun", () =>
    Effect.gen(function*() {
      const [from, to] = yield* stores
      applyTo(from, 1, open("ann", 1_000), acquire("a", "ann", { lock: "before" }))
      const reader = from.snapshot()
      applyTo(from, 2, acquire("b", "ann", { lock: "after" }))
      const restoring = to.restoring()
      for (const piece of piecesOf(reader)) restoring.add(piece)
      restoring.install()
      assert.deepStrictEqual([tokenOf(to, "before"), tokenOf(to, "after")], [1, null])
      const { settled } = applyTo(to, 2, acquire("b", "ann", { lock: "after" }))
      assert.deepStrictEqual(settled.map(tokenGranted), [token(2)])
    }).pipe(Effect.provide(LockStore.layer)))

  it.effect("keeps its state until the restored one is installed, and when that is not complete", () =>
    Effect.gen(function*() {
      const [from, to] = yield* stores
      applyTo(from, 1, open("ann", 1_000), acquire("a", "ann", { lock: "theirs" }))
      applyTo(to, 1, open("bob", 1_000), acquire("b", "bob", { lock: "ours" }))
      const [piece] = piecesOf(from.snapshot())
      const restoring = to.restoring()
      restoring.add(piece!.subarray(0, -1))
      assert.throws(restoring.install, "the snapshot of the lock state cannot be read: its end is missing")
      assert.strictEqual(tokenOf(to, "ours"), 1)
      restoring.add(piece!.subarray(-1))
      assert.strictEqual(tokenOf(to, "ours"), 1)
      restoring.install()
      assert.deepStrictEqual([tokenOf(to, "ours"), tokenOf(to, "theirs")], [null, 1])
    }).pipe(Effect.provide(LockStore.layer)))

  it.effect("goes on reading the snapshot that it is taking when another state is installed", () =>
    Effect.gen(function*() {
      const [from, to] = yield* stores
      applyTo(to, 1, open("bob", 1_000), acquire("b", "bob", { lock: "ours" }))
      const whole = piecesOf(to.snapshot())
      const reader = to.snapshot()
      const restoring = to.restoring()
      for (const piece of piecesOf(from.snapshot())) restoring.add(piece)
      restoring.install()
      assert.deepStrictEqual(piecesOf(reader), whole)
      assert.isFalse(to.hasSessions())
    }).pipe(Effect.provide(LockStore.layer)))
})
