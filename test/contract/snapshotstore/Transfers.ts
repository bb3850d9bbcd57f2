/**
 * A snapshot that goes from one store to another, piece by piece, over links that break.
 */
import { assert, it } from "@effect/vitest"
import { Effect, type Scope, Stream } from "effect"
import type { Receiving, SnapshotStore, StoredSnapshot } from "../../../src/node/SnapshotStore.ts"
import { loaded, piecesOf, snapshotAt, writeAt } from "../../node/snapshotstore/Snapshots.ts"
import { type Ground, type On, use } from "./Ground.ts"

type Store = SnapshotStore["Service"]

/** Sends chunks from where the receiver is, up to a place. */
const send = Effect.fnUntraced(function*(from: Store, stored: StoredSnapshot, to: Receiving, end = stored.bytes) {
  while (to.offset() < end) {
    const at = to.offset()
    yield* to.append(at, yield* from.read(stored, at, Math.min(25, end - at)))
  }
})

type MakeGround = Effect.Effect<Ground, never, Scope.Scope>

/** A store elsewhere with a snapshot at an index. */
const sender = Effect.fnUntraced(function*(makeGround: MakeGround, index: number) {
  const store = yield* (yield* makeGround).open
  return { store, stored: yield* writeAt(store, index) }
})

export const transfers = (on: On, makeGround: MakeGround): void => {
  it.effect(
    "receives a snapshot, which is loaded, adopted and durable",
    on(Effect.fnUntraced(function*(ground) {
      const { store: from, stored } = yield* sender(makeGround, 7)
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          yield* writeAt(store, 3)
          const receiving = yield* store.receive(stored)
          yield* send(from, stored, receiving)
          const pieces = yield* Stream.runCollect(receiving.pieces)
          assert.deepStrictEqual(pieces.map((piece) => new Uint8Array(piece)), piecesOf(7))
          assert.strictEqual(store.latest()?.snapshot.index, 3)
          yield* receiving.adopt
          assert.deepStrictEqual(store.latest(), stored)
        }))
      assert.lengthOf(yield* ground.names, 1)
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(store.latest(), stored)
          assert.deepStrictEqual(yield* loaded(store), piecesOf(7))
          // It can be passed on.
          assert.strictEqual((yield* store.read(stored, 0, 9)).length, 9)
        }))
    }))
  )

  it.effect(
    "goes on where it broke off, also after a restart",
    on(Effect.fnUntraced(function*(ground) {
      const { store: from, stored } = yield* sender(makeGround, 7)
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          const first = yield* store.receive(stored)
          assert.strictEqual(first.offset(), 0)
          yield* send(from, stored, first, 60)
          const second = yield* store.receive(stored)
          assert.strictEqual(second.offset(), 60)
          assert.strictEqual((yield* Effect.flip(first.append(60, new Uint8Array(9)))).reason, "gone")
          yield* send(from, stored, second, 90)
        }))
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          const third = yield* store.receive(stored)
          assert.strictEqual(third.offset(), 90)
          yield* send(from, stored, third)
          yield* third.adopt
          assert.deepStrictEqual(yield* loaded(store), piecesOf(7))
        }))
    }))
  )

  it.effect(
    "takes no byte twice, and none after a gap or past the end",
    on(Effect.fnUntraced(function*(ground) {
      const { store: from, stored } = yield* sender(makeGround, 7)
      const whole = yield* from.read(stored, 0, stored.bytes)
      const store = yield* ground.open
      const receiving = yield* store.receive(stored)
      yield* receiving.append(0, whole.subarray(0, 50))
      yield* receiving.append(20, whole.subarray(20, 70))
      assert.strictEqual(receiving.offset(), 70)
      yield* receiving.append(10, whole.subarray(10, 30))
      yield* receiving.append(71, whole.subarray(71))
      assert.strictEqual(receiving.offset(), 70)
      yield* receiving.append(70, Buffer.concat([whole.subarray(70), Buffer.from("more")]))
      assert.strictEqual(receiving.offset(), stored.bytes)
      yield* receiving.adopt
      assert.deepStrictEqual(yield* loaded(store), piecesOf(7))
    }))
  )

  it.effect(
    "adopts nothing that has a bit flipped, and receives it anew",
    on(Effect.fnUntraced(function*(ground) {
      const { store: from, stored } = yield* sender(makeGround, 7)
      const store = yield* ground.open
      const receiving = yield* store.receive(stored)
      yield* send(from, stored, receiving, 100)
      const wrong = Uint8Array.from(
        yield* from.read(stored, 100, stored.bytes),
        (byte, at) => at === 9 ? byte ^ 1 : byte
      )
      yield* receiving.append(100, wrong)
      const error = yield* Effect.flip(receiving.adopt)
      assert.strictEqual(error.reason, "corrupt")
      assert.include(error.message, "It is thrown away and asked for again")
      assert.isNull(store.latest())
      const again = yield* store.receive(stored)
      assert.strictEqual(again.offset(), 0)
      yield* send(from, stored, again)
      yield* again.adopt
      assert.deepStrictEqual(store.latest(), stored)
    }))
  )

  it.effect.each(
    [
      ["of which a part is missing", (stored: StoredSnapshot) => stored, 100],
      ["that is longer", (stored: StoredSnapshot) => ({ ...stored, bytes: stored.bytes - 1 }), Infinity],
      ["of another state", (stored: StoredSnapshot) => ({ ...stored, snapshot: snapshotAt(8) }), Infinity],
      ["with another checksum", (stored: StoredSnapshot) => ({ ...stored, checksum: "0".repeat(64) }), Infinity]
    ] as const
  )("adopts nothing %s", ([, change, end]) =>
    on(Effect.fnUntraced(function*(ground) {
      const { store: from, stored } = yield* sender(makeGround, 7)
      const whole = yield* from.read(stored, 0, stored.bytes)
      const store = yield* ground.open
      const receiving = yield* store.receive(change(stored))
      yield* receiving.append(0, whole.subarray(0, end))
      assert.strictEqual((yield* Effect.flip(receiving.adopt)).reason, "corrupt")
      assert.isNull(store.latest())
      assert.lengthOf(yield* ground.names, 0)
    }))())

  it.effect(
    "keeps what broke off of the one asked for last, and of no other",
    on(Effect.fnUntraced(function*(ground) {
      const [one, two] = [yield* sender(makeGround, 7), yield* sender(makeGround, 8)]
      const store = yield* ground.open
      yield* send(one.store, one.stored, yield* store.receive(one.stored), 60)
      yield* send(two.store, two.stored, yield* store.receive(two.stored), 60)
      assert.lengthOf(yield* ground.names, 1)
      assert.strictEqual((yield* store.receive(two.stored)).offset(), 60)
      assert.strictEqual((yield* store.receive(one.stored)).offset(), 0)
    }))
  )

  it.effect(
    "adopts nothing when the disk fails, and keeps what it has",
    on(Effect.fnUntraced(function*(ground) {
      const { store: from, stored } = yield* sender(makeGround, 7)
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          const before = yield* writeAt(store, 3)
          const receiving = yield* store.receive(stored)
          yield* send(from, stored, receiving)
          yield* ground.fail("io")
          assert.strictEqual((yield* Effect.flip(receiving.adopt)).reason, "io")
          assert.deepStrictEqual(store.latest(), before)
          yield* ground.fail(null)
        }))
      assert.deepStrictEqual(yield* use(ground, loaded), piecesOf(3))
    }))
  )
}
