/**
 * A log of known content in a data directory, and what must come of opening it again.
 */
import { assert } from "@effect/vitest"
import { Arbitrary, Context, Effect, Layer, Result, Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { LogIndex } from "../../../src/raft/Entry.ts"
import { NodeId, StoreId } from "../../../src/raft/Membership.ts"
import { copyFiles, flip } from "./Damage.ts"
import { openSqlite, tempDir } from "./Directory.ts"
import { configOf, entriesOf, hardStateOf, noopAt } from "./Entries.ts"
import { emptyModel, type Model, modelOf } from "./Model.ts"

export const n1 = NodeId.make("n1")

/** What `fill` writes: the hard state by write 1, and entry n by write n + 1. */
export const filled: Model = {
  ...emptyModel,
  hardState: hardStateOf(1, n1),
  entries: [configOf(1), noopAt(2), ...entriesOf(3, 6)]
}

const others = new Map([[StoreId.make("other"), { boots: 1, matchIndex: LogIndex.make(3) }]])

const fill = Effect.fnUntraced(function*(dataDir: string) {
  const store = yield* openSqlite(dataDir, n1)
  yield* store.write({ hardState: filled.hardState, entries: [], peers: others })
  for (const entry of filled.entries) yield* store.write({ hardState: null, entries: [entry] })
})

/** Directories with such a log: one that was closed, and one as a crash leaves it. */
export class FilledDirs extends Context.Service<FilledDirs, {
  readonly closed: string
  readonly crashed: string
}>()("test/FilledDirs") {
  static readonly layer = Layer.effect(
    FilledDirs,
    Effect.gen(function*() {
      const [closed, crashed] = [yield* tempDir, yield* tempDir]
      yield* Effect.scoped(Effect.andThen(fill(closed), Effect.sync(() => copyFiles(closed, crashed))))
      return { closed, crashed }
    })
  )
}

/** A copy of one of them for one test. */
export const copyOf = Effect.fnUntraced(function*(which: "closed" | "crashed") {
  const dataDir = yield* tempDir
  copyFiles((yield* FilledDirs)[which], dataDir)
  return dataDir
})

export const reopen = (dataDir: string) =>
  Effect.scoped(Effect.map(openSqlite(dataDir, n1), ({ recovered }) => recovered))

export const expectRefusal = Effect.fnUntraced(function*(dataDir: string, reason: string, message: string) {
  const first = yield* Effect.flip(reopen(dataDir))
  assert.strictEqual(first.reason, reason, first.message)
  assert.include(first.message, message)
  assert.include(first.message, dataDir)
  // A store that was refused once is not mended by having been looked at.
  assert.strictEqual((yield* Effect.flip(reopen(dataDir))).reason, reason)
})

/** Flips one bit of a file, at a place given in parts of 10,000, and opens the log. */
export const expectNoticedOrHarmless = Effect.fnUntraced(function*(dataDir: string, name: string, at: Place) {
  const path = join(dataDir, name)
  flip(path, Math.floor(readFileSync(path).length * at.place / 10_000), 1 << at.bit)
  const result = yield* Effect.result(reopen(dataDir))
  if (Result.isSuccess(result)) assert.deepStrictEqual(modelOf(result.success), filled)
  else assert.include(["corrupt", "unsupported-version"], result.failure.reason, result.failure.message)
})

interface Place {
  readonly place: number
  readonly bit: number
}

const upTo = (maximum: number) => Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum })))

export const anyPlace = { place: upTo(9999), bit: upTo(7) }
