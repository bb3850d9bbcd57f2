/**
 * The log store in SQLite keeps the contract, on a real disk, and reads a log back that is long, of entries short and
 * large.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { logStoreContract } from "../../contract/LogStore.ts"
import { openSqlite, tempDir } from "./Directory.ts"
import { commandOf, hardStateOf } from "./Entries.ts"
import { n1, reopen } from "./Filled.ts"
import { sqliteGround } from "./SqliteGround.ts"

logStoreContract("LogStoreSqlite", sqliteGround, 20)

const repeat = (count: number, length: number) => Array.from({ length: count }, () => length)

describe("A log that is read in pages", () => {
  // Pages have up to a thousand rows or about a megabyte: short entries fill many, and a large one is more than one.
  const lengths = [...repeat(2_500, 3), ...repeat(3, 700_000), ...repeat(1_100, 0), 2_000_000, ...repeat(40, 300)]

  it.effect("comes back whole, wherever its pages end", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const entries = lengths.map((length, at) => commandOf(at + 1, new Uint8Array(length).fill(at)))
      const write = { hardState: hardStateOf(1, null), entries }
      yield* Effect.scoped(Effect.flatMap(openSqlite(dataDir, n1), (store) => store.write(write)))
      const found = (yield* reopen(dataDir)).entries
      assert.lengthOf(found, entries.length)
      for (const [at, entry] of entries.entries()) assert.deepStrictEqual(found[at], entry)
    }))
})
