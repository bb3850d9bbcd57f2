/**
 * What compaction leaves behind goes bit by bit: no write is long, and in the end nothing is left.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DatabaseSync } from "node:sqlite"
import type { LogWrite } from "../../../src/node/LogStore.ts"
import { LogIndex } from "../../../src/raft/Entry.ts"
import { logFile } from "./Damage.ts"
import { openSqlite, tempDir } from "./Directory.ts"
import { entriesOf, hardStateOf } from "./Entries.ts"
import { n1, reopen } from "./Filled.ts"

const write = (dataDir: string, wanted: Partial<LogWrite>) =>
  Effect.scoped(
    Effect.flatMap(openSqlite(dataDir, n1), (store) => store.write({ hardState: null, entries: [], ...wanted }))
  )

/** How many rows are in the file, of the log and before it. */
const rowsIn = (dataDir: string): number => {
  const database = new DatabaseSync(logFile(dataDir))
  const [rows] = Object.values(database.prepare("SELECT count(*) FROM entry").get() ?? {})
  database.close()
  return Number(rows)
}

describe("A compacted log", () => {
  it.effect("loses 64 old rows with each write and two more for each entry, until none is left", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      yield* write(dataDir, { hardState: hardStateOf(1, null), entries: entriesOf(1, 1000) })
      const rows = [rowsIn(dataDir)]
      const step = (wanted: Partial<LogWrite>) => Effect.map(write(dataDir, wanted), () => rows.push(rowsIn(dataDir)))
      yield* step({ compactTo: LogIndex.make(300) })
      yield* step({ hardState: hardStateOf(2, null) })
      yield* step({ entries: entriesOf(1001, 1050, { term: 2 }) })
      yield* step({ hardState: hardStateOf(3, null) })
      yield* step({ hardState: hardStateOf(4, null) })
      assert.deepStrictEqual(rows, [1000, 1000 - 64, 1000 - 128, 1000 - 292 + 50, 750, 750])
      assert.deepStrictEqual((yield* reopen(dataDir)).entries.at(0)?.index, 301)
    }))

  // A scan of all that is left takes 7 ms of each write, and the write without it well below 1.
  it.live("takes no longer to write the more there is to lose", () =>
    Effect.gen(function*() {
      const store = yield* openSqlite(yield* tempDir, n1)
      yield* store.write({ hardState: hardStateOf(1, null), entries: entriesOf(1, 100_000) })
      yield* store.write({ hardState: null, entries: [], compactTo: LogIndex.make(99_000) })
      const before = process.cpuUsage()
      for (let term = 2; term < 102; term++) yield* store.write({ hardState: hardStateOf(term, null), entries: [] })
      const { system, user } = process.cpuUsage(before)
      assert.isBelow((system + user) / 100_000, 3, "milliseconds of CPU for each write")
    }))
})
