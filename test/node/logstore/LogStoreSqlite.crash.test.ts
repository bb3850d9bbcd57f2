/**
 * After a crash the log holds all that was acknowledged, or is refused: also when its end is gone, which SQLite
 * takes for a write that never finished.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Watermark from "../../../src/node/logstore/Watermark.ts"
import { StoreId } from "../../../src/raft/Membership.ts"
import { cut, flip, logFile } from "./Damage.ts"
import { anyPlace, copyOf, expectNoticedOrHarmless, expectRefusal, filled, FilledDirs, reopen } from "./Filled.ts"
import { modelOf } from "./Model.ts"

const wal = (dataDir: string) => `${logFile(dataDir)}-wal`
const watermark = (dataDir: string) => join(dataDir, "log.watermark")
const middleOf = (path: string) => Math.floor(readFileSync(path).length / 2)

/** Leaves the note of one write before the last. */
const noteWrite6 = (dataDir: string) => {
  const [, , storeId = ""] = readFileSync(watermark(dataDir), "latin1").trimEnd().split(" ")
  Watermark.open(dataDir, StoreId.make(storeId)).note(6)
}

const lostEnds: ReadonlyArray<readonly [what: string, damage: (dataDir: string) => void, message: string]> = [
  ["gone", (dataDir) => rmSync(wal(dataDir)), "it ends with write 0, but write 7 was acknowledged"],
  ["empty", (dataDir) => writeFileSync(wal(dataDir), ""), "it ends with write 0, but write 7 was acknowledged"],
  ["cut in half", (dataDir) => cut(wal(dataDir), 0.5), "but write 7 was acknowledged"],
  ["short of its last byte", (dataDir) => cut(wal(dataDir), 0.99999), "it ends with write 6, but write 7 was"],
  ["flipped in the middle", (dataDir) => flip(wal(dataDir), middleOf(wal(dataDir))), "but write 7 was acknowledged"],
  ["without its header", (dataDir) => flip(wal(dataDir), 3), "it ends with write 0, but write 7 was acknowledged"]
]

layer(FilledDirs.layer)("A log after a crash", (it) => {
  it.effect("is all there", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(modelOf(yield* reopen(yield* copyOf("crashed"))), filled)
    }))

  it.effect.each(lostEnds)("with a -wal file that is %s is refused", ([, damage, message]) =>
    Effect.gen(function*() {
      const dataDir = yield* copyOf("crashed")
      damage(dataDir)
      yield* expectRefusal(dataDir, "corrupt", message)
    }))

  it.effect("may hold a write that nobody was told of", () =>
    Effect.gen(function*() {
      const dataDir = yield* copyOf("crashed")
      noteWrite6(dataDir)
      assert.deepStrictEqual(modelOf(yield* reopen(dataDir)), filled)
    }))

  it.effect("is cut where a write was torn that nobody was told of", () =>
    Effect.gen(function*() {
      const dataDir = yield* copyOf("crashed")
      noteWrite6(dataDir)
      cut(wal(dataDir), 0.99999)
      const { entries } = yield* reopen(dataDir)
      assert.deepStrictEqual(entries, filled.entries.slice(0, 5))
    }))

  it.effect.each(
    [
      ["missing", (dataDir: string) => rmSync(watermark(dataDir))],
      ["torn", (dataDir: string) => flip(watermark(dataDir), 9)],
      ["another store's", (dataDir: string) => Watermark.open(dataDir, StoreId.make("another")).note(99)]
    ] as const
  )("is whole although its watermark is %s", ([, damage]) =>
    Effect.gen(function*() {
      const dataDir = yield* copyOf("crashed")
      damage(dataDir)
      assert.deepStrictEqual(modelOf(yield* reopen(dataDir)), filled)
    }))

  it.effect.prop(
    "is refused or read as it was written, whichever bit of its end has flipped",
    anyPlace,
    (at) =>
      Effect.scoped(Effect.gen(function*() {
        yield* expectNoticedOrHarmless(yield* copyOf("crashed"), "log.sqlite-wal", at)
      })),
    { arbitrary: { runs: 60 } }
  )
})
