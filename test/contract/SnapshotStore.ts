/**
 * What every `SnapshotStore` promises, whatever is below it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, type Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { loaded, piecesOf, snapshotAt, writeAt } from "../node/snapshotstore/Snapshots.ts"
import { type Ground, type On, use } from "./snapshotstore/Ground.ts"
import { transfers } from "./snapshotstore/Transfers.ts"

export const snapshotStoreContract = (name: string, makeGround: Effect.Effect<Ground, never, Scope.Scope>): void => {
  const on: On = (run) => () => Effect.flatMap(makeGround, run)
  describe(`${name}: writes`, () => writes(on))
  describe(`${name}: readers`, () => readers(on))
  describe(`${name}: damage`, () => damage(on))
  describe(`${name}: failures`, () => failures(on))
  describe(`${name}: transfers`, () => transfers(on, makeGround))
}

const writes = (on: On) => {
  it.effect(
    "is empty at first",
    on(Effect.fnUntraced(function*(ground) {
      const store = yield* ground.open
      assert.isNull(store.latest())
      assert.deepStrictEqual(yield* loaded(store), [])
    }))
  )

  it.effect(
    "gives back what was written, now and when it is opened again",
    on(Effect.fnUntraced(function*(ground) {
      const expectIt = Effect.fnUntraced(function*(store: Effect.Success<Ground["open"]>) {
        assert.deepStrictEqual(store.latest()?.snapshot, snapshotAt(7))
        assert.deepStrictEqual(yield* loaded(store), piecesOf(7))
      })
      const written = yield* use(ground, (store) => Effect.tap(writeAt(store, 7), () => expectIt(store)))
      yield* use(ground, (store) => {
        assert.deepStrictEqual(store.latest(), written)
        return expectIt(store)
      })
    }))
  )

  it.effect(
    "keeps the newest alone",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, (store) => Effect.forEach([3, 5, 9], (index) => writeAt(store, index)))
      assert.lengthOf(yield* ground.names, 1)
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          assert.strictEqual(store.latest()?.snapshot.index, 9)
          assert.deepStrictEqual(yield* loaded(store), piecesOf(9))
        }))
    }))
  )

  it.effect(
    "takes the same state twice, and pieces without bytes",
    on(Effect.fnUntraced(function*(ground) {
      const store = yield* ground.open
      yield* writeAt(store, 4)
      const again = yield* writeAt(store, 4, [new Uint8Array(0), ...piecesOf(4)])
      assert.deepStrictEqual(store.latest(), again)
      assert.deepStrictEqual(yield* loaded(store), piecesOf(4))
      yield* writeAt(store, 5, [])
      assert.deepStrictEqual(yield* loaded(store), [])
    }))
  )

  it.effect(
    "takes pieces that are lent: their memory has the next one when that is asked for",
    on(Effect.fnUntraced(function*(ground) {
      const store = yield* ground.open
      const lent = new Uint8Array(6)
      const pieces = Stream.unfold(
        1,
        (count) =>
          Effect.sync(() => count > 5 ? undefined : [lent.subarray(0, count + 1).fill(count), count + 1] as const)
      )
      const written = yield* store.write(snapshotAt(4), pieces)
      const expected = [1, 2, 3, 4, 5].map((count) => new Uint8Array(count + 1).fill(count))
      assert.deepStrictEqual(yield* loaded(store), expected)
      assert.strictEqual((yield* writeAt(store, 4, expected)).checksum, written.checksum)
    }))
  )

  it.effect(
    "keeps a newer one that has come while it wrote",
    on(Effect.fnUntraced(function*(ground) {
      const store = yield* ground.open
      const newer = yield* writeAt(store, 9)
      assert.deepStrictEqual(yield* writeAt(store, 8), newer)
      assert.deepStrictEqual(yield* loaded(store), piecesOf(9))
      assert.lengthOf(yield* ground.names, 1)
    }))
  )
}

const readers = (on: On) => {
  it.effect(
    "gives the bytes of the file from any place, and none past its end",
    on(Effect.fnUntraced(function*(ground) {
      const store = yield* ground.open
      const stored = yield* writeAt(store, 1)
      const whole = yield* store.read(stored, 0, stored.bytes + 100)
      assert.lengthOf(whole, stored.bytes)
      assert.deepStrictEqual([...yield* store.read(stored, 20, 9)], [...whole.subarray(20, 29)])
      assert.lengthOf(yield* store.read(stored, stored.bytes, 9), 0)
    }))
  )

  it.effect(
    "lets one be read to its end although newer ones come, and says when it is gone",
    on(Effect.fnUntraced(function*(ground) {
      const store = yield* ground.open
      const read = yield* writeAt(store, 1)
      const whole = yield* store.read(read, 0, read.bytes)
      const unread = yield* writeAt(store, 2)
      yield* writeAt(store, 3)
      assert.deepStrictEqual([...yield* store.read(read, 0, read.bytes)], [...whole])
      assert.strictEqual((yield* Effect.flip(store.read(unread, 0, 1))).reason, "gone")
      yield* TestClock.adjust("59 seconds")
      yield* writeAt(store, 4)
      assert.deepStrictEqual([...yield* store.read(read, 0, read.bytes)], [...whole])
      yield* TestClock.adjust("60 seconds")
      yield* writeAt(store, 5)
      assert.strictEqual((yield* Effect.flip(store.read(read, 0, 1))).reason, "gone")
    }))
  )
}

const damage = (on: On) => {
  it.effect(
    "refuses to load one with any bit flipped, and says what to do",
    on(Effect.fnUntraced(function*(ground) {
      const stored = yield* use(ground, (store) => writeAt(store, 6))
      const [name = ""] = yield* ground.names
      for (let at = 0; at < stored.bytes; at++) {
        yield* ground.flip(name, at)
        const error = yield* Effect.flip(use(ground, loaded))
        assert.strictEqual(error.reason, "corrupt", `byte ${at}: ${error.message}`)
        assert.include(error.message, name)
        assert.include(error.message, "or start the node with --rejoin")
        yield* ground.flip(name, at)
      }
      assert.deepStrictEqual(yield* use(ground, loaded), piecesOf(6))
    }))
  )

  it.effect(
    "sets one aside that proves to be damaged, and takes the same again",
    on(Effect.fnUntraced(function*(ground) {
      const store = yield* ground.open
      const older = yield* writeAt(store, 5)
      const stored = yield* writeAt(store, 6)
      yield* store.setAside(older)
      assert.deepStrictEqual(store.latest(), stored)
      const [name = ""] = yield* ground.names
      yield* ground.flip(name, stored.bytes - 60)
      for (let again = 0; again < 2; again++) {
        yield* store.setAside(stored)
        assert.isNull(store.latest())
        assert.deepStrictEqual(yield* ground.names, [`${name}.damaged`])
        assert.strictEqual((yield* Effect.flip(store.read(stored, 0, 1))).reason, "gone")
        assert.deepStrictEqual(yield* writeAt(store, 6), stored)
        assert.deepStrictEqual(yield* loaded(store), piecesOf(6))
      }
      assert.sameMembers([...yield* ground.names], [name, `${name}.damaged`])
      assert.deepStrictEqual(yield* use(ground, loaded), piecesOf(6))
    }))
  )

  it.effect(
    "gives no bytes in place of those that have gone from below it",
    on(Effect.fnUntraced(function*(ground) {
      const store = yield* ground.open
      const stored = yield* writeAt(store, 1)
      const [name = ""] = yield* ground.names
      yield* ground.cut(name, 30)
      assert.lengthOf(yield* store.read(stored, 0, 30), 30)
      for (const [offset, length] of [[0, 31], [30, 9], [stored.bytes - 1, 9]] as const) {
        const error = yield* Effect.flip(store.read(stored, offset, length))
        assert.strictEqual(error.reason, "corrupt")
        assert.include(error.message, name)
      }
      assert.strictEqual((yield* Effect.flip(loaded(store))).reason, "corrupt")
    }))
  )
}

const failures = (on: On) => {
  it.effect.each(["full", "io"] as const)(
    "keeps what it has when the disk fails as one that is %s, and goes on when it is well",
    (reason) =>
      on(Effect.fnUntraced(function*(ground) {
        const before = yield* use(ground, (store) =>
          Effect.gen(function*() {
            const before = yield* writeAt(store, 1)
            yield* ground.fail(reason)
            const error = yield* Effect.flip(writeAt(store, 2))
            assert.strictEqual(error.reason, reason)
            assert.deepStrictEqual(store.latest(), before)
            assert.deepStrictEqual(yield* loaded(store), piecesOf(1))
            yield* ground.fail(null)
            return before
          }))
        yield* use(ground, (store) =>
          Effect.gen(function*() {
            assert.deepStrictEqual(store.latest(), before)
            yield* writeAt(store, 2)
            assert.deepStrictEqual(yield* loaded(store), piecesOf(2))
          }))
        assert.lengthOf(yield* ground.names, 1)
      }))()
  )

  it.effect(
    "fails as its pieces fail, and keeps nothing of them",
    on(Effect.fnUntraced(function*(ground) {
      const store = yield* ground.open
      const before = yield* writeAt(store, 1)
      const broken = Stream.concat(Stream.fromIterable(piecesOf(2)), Stream.fail("no more"))
      assert.strictEqual(yield* Effect.flip(store.write(snapshotAt(2), broken)), "no more")
      assert.deepStrictEqual(store.latest(), before)
      assert.lengthOf(yield* ground.names, 1)
    }))
  )

  it.effect(
    "keeps nothing of a write that is interrupted",
    on(Effect.fnUntraced(function*(ground) {
      const store = yield* ground.open
      const endless = Stream.concat(Stream.fromIterable(piecesOf(2)), Stream.never)
      const writing = yield* Effect.forkChild(store.write(snapshotAt(2), endless), { startImmediately: true })
      yield* Fiber.interrupt(writing)
      assert.isNull(store.latest())
      assert.lengthOf(yield* ground.names, 0)
      yield* writeAt(store, 3)
      assert.deepStrictEqual(yield* loaded(store), piecesOf(3))
    }))
  )
}
