/**
 * Where a log starts: after what it was told to forget, or after the snapshot that has taken its place (§7).
 */
import { assert, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { LogIndex } from "../../../src/raft/Entry.ts"
import { entriesOf, entryAt, hardStateOf, placeOf } from "../../node/logstore/Entries.ts"
import { emptyModel } from "../../node/logstore/Model.ts"
import { type On, reopened, use, write } from "./Ground.ts"

const term1 = hardStateOf(1, null)
const to = (index: number) => LogIndex.make(index)

export const starts = (on: On): void => {
  it.effect(
    "starts after what it was told to forget, with what that left",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          yield* write(store, { hardState: term1, entries: entriesOf(1, 9) })
          yield* write(store, { compactTo: to(4) })
        }))
      const compacted = { hardState: term1, start: placeOf(entryAt(4)), entries: entriesOf(5, 9) }
      assert.deepStrictEqual(yield* reopened(ground), compacted)
      yield* use(ground, (store) => write(store, { entries: [entryAt(10)], compactTo: to(9) }))
      assert.deepStrictEqual(yield* reopened(ground), {
        hardState: term1,
        start: placeOf(entryAt(9)),
        entries: [entryAt(10)]
      })
    }))
  )

  it.effect(
    "may forget all of it, also what comes in the same write",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, (store) => write(store, { hardState: term1, entries: entriesOf(1, 3), compactTo: to(3) }))
      assert.deepStrictEqual(yield* reopened(ground), {
        hardState: term1,
        start: placeOf(entryAt(3)),
        entries: []
      })
      yield* use(ground, (store) => write(store, { entries: entriesOf(4, 5) }))
      assert.deepStrictEqual((yield* reopened(ground)).entries, entriesOf(4, 5))
    }))
  )

  it.effect(
    "does nothing when it is told to forget what it has forgotten",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          yield* write(store, { hardState: term1, entries: entriesOf(1, 5), compactTo: to(3) })
          yield* write(store, { compactTo: to(2) })
          yield* write(store, { compactTo: to(3) })
        }))
      assert.deepStrictEqual(yield* reopened(ground), {
        hardState: term1,
        start: placeOf(entryAt(3)),
        entries: entriesOf(4, 5)
      })
    }))
  )

  // More rows than one write takes away: whatever is left of them must never be seen again.
  it.effect(
    "never shows again what it has forgotten, however slowly it goes",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, (store) => write(store, { hardState: term1, entries: entriesOf(1, 500), compactTo: to(499) }))
      const ahead = placeOf(entryAt(700))
      yield* use(ground, (store) => write(store, { reset: ahead }))
      assert.deepStrictEqual(yield* reopened(ground), { hardState: term1, start: ahead, entries: [] })
      yield* use(ground, (store) => write(store, { entries: entriesOf(701, 703) }))
      assert.deepStrictEqual((yield* reopened(ground)).entries, entriesOf(701, 703))
    }))
  )

  it.effect.each([["ahead of its end", 20], ["in its middle", 3], ["at its start", 0]] as const)(
    "is dropped whole for a snapshot %s",
    ([, index]) =>
      on(Effect.fnUntraced(function*(ground) {
        const place = placeOf(entryAt(index, { term: 2 }))
        const next = [entryAt(index + 1, { term: 2 })]
        yield* use(ground, (store) => write(store, { hardState: hardStateOf(2, null), entries: entriesOf(1, 9) }))
        yield* use(ground, (store) => write(store, { reset: place }))
        assert.deepStrictEqual(yield* reopened(ground), { hardState: hardStateOf(2, null), start: place, entries: [] })
        yield* use(ground, (store) => write(store, { reset: place, entries: next }))
        assert.deepStrictEqual((yield* reopened(ground)).entries, next)
      }))()
  )

  it.effect(
    "never goes back, which is a defect",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          yield* write(store, { hardState: term1, entries: entriesOf(1, 9), compactTo: to(5) })
          for (const wanted of [{ reset: placeOf(entryAt(4)) }, { entries: [entryAt(5)] }]) {
            assert.isTrue(Exit.hasDies(yield* Effect.exit(write(store, wanted))))
          }
        }))
      assert.deepStrictEqual((yield* reopened(ground)).entries, entriesOf(6, 9))
    }))
  )

  it.effect(
    "stays as it was when the write that moves it fails",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          yield* write(store, { hardState: term1, entries: entriesOf(1, 5) })
          yield* ground.fail("full")
          yield* Effect.flip(write(store, { compactTo: to(4) }))
          yield* Effect.flip(write(store, { reset: placeOf(entryAt(9)) }))
          yield* ground.fail(null)
          yield* write(store, { entries: [entryAt(6)] })
        }))
      assert.deepStrictEqual(yield* reopened(ground), { ...emptyModel, hardState: term1, entries: entriesOf(1, 6) })
    }))
  )
}
