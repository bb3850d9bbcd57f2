/**
 * A log that an older release has written is brought to the present format, by one commit; `format1` is one, closed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { StoreId } from "../../../src/raft/Membership.ts"
import { copyFiles, edit, logFile } from "./Damage.ts"
import { openSqlite, tempDir } from "./Directory.ts"
import { entryAt } from "./Entries.ts"
import { expectRefusal, filled, n1, reopen } from "./Filled.ts"
import { modelOf } from "./Model.ts"

const format1 = new URL("./format1", import.meta.url).pathname

const copyOfFormat1 = Effect.fnUntraced(function*() {
  const dataDir = yield* tempDir
  copyFiles(format1, dataDir)
  return dataDir
})

const formatInFile = (dataDir: string) => readFileSync(logFile(dataDir)).readUInt32BE(60)

describe("A log of format 1", () => {
  it.effect("is read as it was written, and goes on", () =>
    Effect.gen(function*() {
      const dataDir = yield* copyOfFormat1()
      const recovered = yield* reopen(dataDir)
      assert.deepStrictEqual(modelOf(recovered), filled)
      assert.strictEqual(recovered.storeId, StoreId.make("a12dda6e8d82ad14af6ff50a3fe85eef"))
      assert.strictEqual(recovered.boots, 1)
      yield* Effect.scoped(
        Effect.flatMap(openSqlite(dataDir, n1), (store) => store.write({ hardState: null, entries: [entryAt(7)] }))
      )
      assert.deepStrictEqual((yield* reopen(dataDir)).entries, [...filled.entries, entryAt(7)])
    }))

  it.effect("says in its first bytes that older releases must leave it alone, as soon as it is opened", () =>
    Effect.gen(function*() {
      const dataDir = yield* copyOfFormat1()
      assert.strictEqual(formatInFile(dataDir), 1)
      yield* openSqlite(dataDir, n1)
      assert.strictEqual(formatInFile(dataDir), 2)
    }))

  it.effect("is refused when it is damaged, as one of the present format", () =>
    Effect.gen(function*() {
      const dataDir = yield* copyOfFormat1()
      edit("DELETE FROM entry WHERE log_index = 6")(dataDir)
      yield* expectRefusal(dataDir, "corrupt", "it ends with write 6, but write 7 was acknowledged")
    }))
})
