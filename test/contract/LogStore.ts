/**
 * What every `LogStore` promises, whatever is below it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Cause, Effect, Exit, type Scope } from "effect"
import type { LogStore, LogWrite } from "../../src/node/LogStore.ts"
import { LogIndex } from "../../src/raft/Entry.ts"
import { commandOf, configOf, entriesOf, entryAt, hardStateOf, noopAt, placeOf } from "../node/logstore/Entries.ts"
import { AnyScript, emptyModel, type Model, modelOf, nextModel, type Script, writeOf } from "../node/logstore/Model.ts"
import { type Ground, n1, n2, type On, reopened, use, write } from "./logstore/Ground.ts"
import { marks } from "./logstore/Marks.ts"
import { starts } from "./logstore/Starts.ts"

const term1 = hardStateOf(1, null)

/** `runs` is how many random histories the disk is fast enough for. */
export const logStoreContract = (
  name: string,
  makeGround: Effect.Effect<Ground, never, Scope.Scope>,
  runs: number
): void => {
  const on: On = (run) => () => Effect.flatMap(makeGround, run)
  describe(`${name}: writes`, () => writes(on))
  describe(`${name}: starts`, () => starts(on))
  describe(`${name}: marks`, () => marks(on))
  describe(`${name}: owners`, () => owners(on, makeGround))
  describe(`${name}: failures`, () => failures(on))
  describe(`${name}: impossible writes`, () => impossibleWrites(on))
  describe(`${name}: at random`, () => atRandom(makeGround, runs))
}

const writes = (on: On) => {
  it.effect(
    "is empty at first: term 0, no vote, no entry",
    on(Effect.fnUntraced(function*(ground) {
      assert.deepStrictEqual(yield* reopened(ground), emptyModel)
    }))
  )

  it.effect(
    "keeps what was written, in order, whatever its kind",
    on(Effect.fnUntraced(function*(ground) {
      const first = [configOf(1), noopAt(2)]
      const second = [commandOf(3, new Uint8Array(0)), commandOf(4, new Uint8Array(300_000).fill(9)), entryAt(5)]
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          yield* write(store, { hardState: hardStateOf(1, n2), entries: first })
          yield* write(store, { entries: second })
        }))
      assert.deepStrictEqual(yield* reopened(ground), {
        ...emptyModel,
        hardState: hardStateOf(1, n2),
        entries: [...first, ...second]
      })
    }))
  )

  it.effect(
    "keeps numbers as large as a double counts",
    on(Effect.fnUntraced(function*(ground) {
      const largest = Number.MAX_SAFE_INTEGER
      const entry = entryAt(1, { term: largest, time: largest })
      yield* use(ground, (store) => write(store, { hardState: hardStateOf(largest, n1), entries: [entry] }))
      assert.deepStrictEqual(yield* reopened(ground), {
        ...emptyModel,
        hardState: hardStateOf(largest, n1),
        entries: [entry]
      })
    }))
  )

  it.effect(
    "replaces whatever is stored at or after the first entry",
    on(Effect.fnUntraced(function*(ground) {
      const replacement = [entryAt(3, { term: 2 })]
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          yield* write(store, { hardState: term1, entries: entriesOf(1, 5) })
          yield* write(store, { hardState: hardStateOf(2, null), entries: replacement })
        }))
      assert.deepStrictEqual((yield* reopened(ground)).entries, [...entriesOf(1, 2), ...replacement])
    }))
  )

  it.effect(
    "keeps the log when there is only hard state, and hard state when there are only entries",
    on(
      Effect.fnUntraced(function*(ground) {
        yield* use(ground, (store) =>
          Effect.gen(function*() {
            yield* write(store, { hardState: hardStateOf(1, n1) })
            yield* write(store, { entries: entriesOf(1, 2) })
            yield* write(store, { hardState: hardStateOf(4, n2) })
            yield* write(store, {})
          }))
        assert.deepStrictEqual(yield* reopened(ground), {
          ...emptyModel,
          hardState: hardStateOf(4, n2),
          entries: entriesOf(1, 2)
        })
      })
    )
  )

  it.effect(
    "does not change what it gave when it was opened",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, (store) => write(store, { hardState: term1, entries: entriesOf(1, 2) }))
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          yield* write(store, { hardState: hardStateOf(2, n1), entries: [entryAt(1, { term: 2 })] })
          assert.deepStrictEqual(modelOf(store.recovered), {
            ...emptyModel,
            hardState: term1,
            entries: entriesOf(1, 2)
          })
        }))
    }))
  )
}

const owners = (on: On, makeGround: Effect.Effect<Ground, never, Scope.Scope>) => {
  it.effect(
    "keeps its node and its store id for life",
    on(Effect.fnUntraced(function*(ground) {
      const ids = () => use(ground, ({ recovered: { nodeId, storeId } }) => Effect.succeed({ nodeId, storeId }))
      const first = yield* ids()
      assert.strictEqual(first.nodeId, n1)
      assert.deepStrictEqual(yield* ids(), first)
    }))
  )

  it.effect(
    "is another store on another disk",
    on(Effect.fnUntraced(function*(ground) {
      const other = yield* makeGround
      const first = yield* use(ground, ({ recovered }) => Effect.succeed(recovered.storeId))
      const second = yield* use(other, ({ recovered }) => Effect.succeed(recovered.storeId))
      assert.notStrictEqual(first, second)
    }))
  )

  it.effect(
    "refuses another node, and keeps the disk for its own",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, (store) => write(store, { hardState: term1, entries: entriesOf(1, 1) }))
      const error = yield* Effect.flip(Effect.scoped(ground.open(n2)))
      assert.strictEqual(error.reason, "wrong-node")
      assert.include(error.message, "belongs to node n1, and this is node n2")
      assert.deepStrictEqual((yield* reopened(ground)).entries, entriesOf(1, 1))
    }))
  )

  it.effect(
    "refuses a second store until the first is closed",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, () =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(Effect.scoped(ground.open(n1)))
          assert.strictEqual(error.reason, "in-use")
        }))
      assert.deepStrictEqual(yield* reopened(ground), emptyModel)
    }))
  )
}

const failures = (on: On) => {
  const before = { hardState: term1, entries: entriesOf(1, 3) }
  const refused = { hardState: hardStateOf(2, n1), entries: [entryAt(2, { term: 2 }), entryAt(3, { term: 2 })] }

  it.effect(
    "keeps nothing of a write that finds the disk full, and all of it once there is room",
    on(
      Effect.fnUntraced(function*(ground) {
        yield* use(ground, (store) =>
          Effect.gen(function*() {
            yield* store.write(before)
            yield* ground.fail("full")
            for (const _ of [1, 2]) assert.strictEqual((yield* Effect.flip(store.write(refused))).reason, "full")
            yield* ground.fail(null)
          }))
        assert.deepStrictEqual(yield* reopened(ground), { ...emptyModel, ...before })
        yield* use(ground, (store) =>
          Effect.gen(function*() {
            yield* ground.fail("full")
            yield* Effect.flip(store.write(refused))
            yield* ground.fail(null)
            yield* store.write(refused)
          }))
        assert.deepStrictEqual(yield* reopened(ground), {
          ...emptyModel,
          ...refused,
          entries: [entryAt(1), ...refused.entries]
        })
      })
    )
  )

  it.effect(
    "writes nothing more after a sync has failed, though the disk seems well again",
    on(
      Effect.fnUntraced(function*(ground) {
        yield* use(ground, (store) =>
          Effect.gen(function*() {
            yield* store.write(before)
            yield* ground.fail("io")
            assert.strictEqual((yield* Effect.flip(store.write(refused))).reason, "io")
            yield* ground.fail(null)
            const error = yield* Effect.flip(store.write(refused))
            assert.strictEqual(error.reason, "io")
            assert.include(error.message, "an earlier write failed")
          }))
        assert.deepStrictEqual(yield* reopened(ground), { ...emptyModel, ...before })
      })
    )
  )
}

/** On a log of entries 1 to 3 of term 2, in term 2, with a vote for n1. */
const impossible: ReadonlyArray<readonly [name: string, write: Partial<LogWrite>, message: string]> = [
  ["a gap", { entries: [entryAt(5, { term: 2 })] }, "entry 3 is followed by entry 5"],
  ["an entry before the first", { entries: [entryAt(0)] }, "entry 0 is followed by entry 0"],
  ["entries out of order", { entries: [entryAt(4, { term: 2 }), entryAt(6, { term: 2 })] }, "entry 4 is followed by"],
  ["a term that falls along the log", { entries: [entryAt(4, { term: 1 })] }, "entry 4 has term 1, less than the 2"],
  ["one that falls after a cut", { entries: [entryAt(3, { term: 1 })] }, "entry 3 has term 1, less than the 2"],
  ["a time that falls along the log", { entries: [entryAt(4, { term: 2, time: 1 })] }, "entry 4 has time 1, less than"],
  ["an entry from beyond the node's term", { entries: [entryAt(4, { term: 3 })] }, "but the node's own term is 2"],
  ["forgetting what never came", { compactTo: LogIndex.make(4) }, "entry 4 is compacted, and the last one is 3"],
  [
    "a snapshot from beyond the node's term",
    { reset: placeOf(entryAt(9, { term: 3 })) },
    "entry 9 has term 3, but the node's own term is 2"
  ],
  [
    "a gap after a snapshot",
    { reset: placeOf(entryAt(9, { term: 2 })), entries: [entryAt(4, { term: 2 })] },
    "entry 9 is followed by entry 4"
  ],
  ["a term that falls", { hardState: hardStateOf(1, null) }, "the term falls from 2 to 1"],
  ["another vote in the term", { hardState: hardStateOf(2, n2) }, "the vote of term 2 changes from n1 to n2"],
  ["a vote taken back", { hardState: hardStateOf(2, null) }, "the vote of term 2 changes from n1 to null"]
]

const impossibleWrites = (on: On) => {
  const before = { hardState: hardStateOf(2, n1), entries: entriesOf(1, 3, { term: 2 }) }

  it.effect.each(impossible)(
    "dies of %s, and keeps nothing of it",
    ([, broken, message]) =>
      on(Effect.fnUntraced(function*(ground) {
        yield* use(ground, (store) =>
          Effect.gen(function*() {
            yield* store.write(before)
            const exit = yield* Effect.exit(write(store, broken))
            assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
            assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", message)
          }))
        assert.deepStrictEqual(yield* reopened(ground), { ...emptyModel, ...before })
      }))()
  )
}

/** Plays one list of wishes on a store that must hold the model, and says what it must hold then. */
const play = Effect.fnUntraced(function*(store: LogStore["Service"], before: Model, script: Script) {
  assert.deepStrictEqual(modelOf(store.recovered), before)
  let model = before
  for (const wish of script) {
    const next = writeOf(model, wish)
    yield* store.write(next)
    model = nextModel(model, next)
  }
  return model
})

const atRandom = (makeGround: Effect.Effect<Ground, never, Scope.Scope>, runs: number) => {
  it.effect.prop(
    "holds after each closing what a naive log holds",
    { scripts: Arbitrary.array(AnyScript, { minLength: 1, maxLength: 4 }) },
    ({ scripts }) =>
      Effect.scoped(Effect.gen(function*() {
        const ground = yield* makeGround
        let model = emptyModel
        for (const script of scripts) model = yield* use(ground, (store) => play(store, model, script))
        assert.deepStrictEqual(yield* reopened(ground), model)
      })),
    { arbitrary: { runs } }
  )
}
