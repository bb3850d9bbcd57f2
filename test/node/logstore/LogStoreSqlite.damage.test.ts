/**
 * A damaged log is noticed, with the exact place, and nothing is guessed over: neither what SQLite sees nor what it
 * does not see.
 */
import { layer } from "@effect/vitest"
import { Effect } from "effect"
import { rmSync, writeFileSync } from "node:fs"
import type { SQLInputValue } from "node:sqlite"
import { checksumOfEntry, checksumOfHardState, checksumOfStart, encodeEntry } from "../../../src/node/logstore/Row.ts"
import type { Entry } from "../../../src/raft/Entry.ts"
import { cut, edit, flip, logFile } from "./Damage.ts"
import { entryAt, hardStateOf, placeOf } from "./Entries.ts"
import { anyPlace, copyOf, expectNoticedOrHarmless, expectRefusal, FilledDirs, n1 } from "./Filled.ts"

/** Puts a row in the place of another, with a checksum that is right. */
const forge = (index: number, entry: Entry, sequence: number) =>
  edit(
    "UPDATE entry SET (log_index, term, time, kind, payload, sequence, checksum) = (?, ?, ?, ?, ?, ?, ?) " +
      `WHERE log_index = ${index}`,
    ...encodeEntry(entry, sequence) as ReadonlyArray<SQLInputValue>
  )

const forgeHardState = (term: number) =>
  edit("UPDATE hard_state SET term = ?, checksum = ?", term, checksumOfHardState(hardStateOf(term, n1), 1))

/** Lets the log start after an entry of this term. */
const forgeStart = (index: number, term: number) => {
  const checksum = checksumOfStart(placeOf(entryAt(index, { term })), 1)
  return edit(
    "UPDATE start SET (log_index, term, time, sequence, checksum) = (?, ?, ?, 1, ?)",
    index,
    term,
    index * 10,
    checksum
  )
}

/** An entry whose payload is of a kind that means something else here, its checksum right. */
const forgeKind = (kind: number) => {
  const [index, term, time, , payload, sequence] = encodeEntry(entryAt(4), 5)
  const checksum = checksumOfEntry(index, term, time, kind, payload, sequence)
  return edit("UPDATE entry SET kind = ?, checksum = ? WHERE log_index = 4", kind, checksum)
}

type Damage = readonly [what: string, damage: (dataDir: string) => void, message: string]

const setEntry4 = (assignment: string) => edit(`UPDATE entry SET ${assignment} WHERE log_index = 4`)

const rows: ReadonlyArray<Damage> = [
  ["another payload", setEntry4("payload = x'00'"), "entry 4 in table entry has checksum"],
  ["another checksum", setEntry4("checksum = checksum + 1"), "entry 4 in table entry has checksum"],
  ["another time", setEntry4("time = time + 1"), "entry 4 in table entry has checksum"],
  ["another kind", setEntry4("kind = 0"), "entry 4 in table entry has checksum"],
  ["another write", setEntry4("sequence = sequence + 1"), "entry 4 in table entry has checksum"],
  ["another term", setEntry4("term = 0"), "entry 4 in table entry has checksum"],
  ["a number beyond all numbers", setEntry4("time = 9223372036854775807"), "too large"],
  ["no middle entry", edit("DELETE FROM entry WHERE log_index = 4"), "entry 3 is followed by entry 5"],
  ["no first entry", edit("DELETE FROM entry WHERE log_index = 1"), "entry 0 is followed by entry 2"],
  [
    "no last entry",
    edit("DELETE FROM entry WHERE log_index = 6"),
    "it ends with write 6, but write 7 was acknowledged"
  ],
  ["no entry at all", edit("DELETE FROM entry"), "it ends with write 1, but write 7 was acknowledged"],
  ["no hard state", edit("DELETE FROM hard_state"), "table hard_state has no row: term and vote are lost"],
  ["another term of the node", edit("UPDATE hard_state SET term = 2"), "table hard_state has checksum"],
  ["another vote", edit("UPDATE hard_state SET voted_for = 'n2'"), "table hard_state has checksum"],
  ["no vote", edit("UPDATE hard_state SET voted_for = NULL"), "table hard_state has checksum"],
  ["another write of the hard state", edit("UPDATE hard_state SET sequence = 9"), "table hard_state has checksum"],
  ["no start", edit("DELETE FROM start"), "table start has no row"],
  ["another start", edit("UPDATE start SET log_index = 1"), "table start has checksum"],
  ["another time of its start", edit("UPDATE start SET time = 1"), "table start has checksum"],
  ["no boots", edit("DELETE FROM boot"), "table boot has no row"],
  ["other boots", edit("UPDATE boot SET boots = 0"), "table boot has checksum"],
  ["another mark", edit("UPDATE peer SET match_index = 7"), "store other in table peer has checksum"],
  ["a mark of another store", edit("UPDATE peer SET store_id = 'x'"), "store x in table peer has checksum"],
  ["no owner", edit("DELETE FROM store"), "table store has no row"],
  ["another owner", edit("UPDATE store SET node_id = 'n2'"), "table store has checksum"],
  ["another store id", edit("UPDATE store SET store_id = 'x'"), "table store has checksum"],
  ["no table", edit("DROP TABLE entry"), "no such table: entry"]
]

const forgeries: ReadonlyArray<Damage> = [
  ["a term that falls", forge(4, entryAt(4, { term: 0 }), 5), "entry 4 has term 0, less than the 1"],
  ["a time that falls", forge(4, entryAt(4, { time: 29 }), 5), "entry 4 has time 29, less than the 30"],
  ["an older write", forge(4, entryAt(4), 3), "entry 4 comes from write 3, but the one before it from write 4"],
  ["an index twice as high", forge(6, entryAt(12), 7), "entry 5 is followed by entry 12"],
  ["a start in its middle", forgeStart(4, 2), "entry 5 has term 1, less than the 2 of the entry before it"],
  ["a start beyond the node's term", forgeStart(6, 2), "entry 6 has term 2, but the node's own term is 1"],
  ["an older term of the node", forgeHardState(0), "entry 6 has term 1, but the node's own term is 0"]
]

const files: ReadonlyArray<Damage> = [
  ["cut in half", (dataDir) => cut(logFile(dataDir), 0.5), "SQLite"],
  ["cut to a page", (dataDir) => cut(logFile(dataDir), 0.15), "SQLite"],
  ["empty", (dataDir) => writeFileSync(logFile(dataDir), ""), "is not a log of this program"],
  ["another file", (dataDir) => writeFileSync(logFile(dataDir), "Dear diary"), "is not a log of this program"],
  ["another program's database", edit("PRAGMA application_id = 7"), "is not a log of this program"],
  ["without its header", (dataDir) => flip(logFile(dataDir), 3), "is not a log of this program"],
  ["of format 0", edit("PRAGMA user_version = 0"), "has format 0, and this release knows formats 1 to 2"],
  ["gone", (dataDir) => rmSync(logFile(dataDir)), "log.sqlite is missing, but"]
]

const expectNoticed = Effect.fnUntraced(function*([, damage, message]: Damage) {
  const dataDir = yield* copyOf("closed")
  damage(dataDir)
  yield* expectRefusal(dataDir, "corrupt", message)
})

layer(FilledDirs.layer)("A closed log", (it) => {
  it.effect.each(rows)("with %s is refused", expectNoticed)
  it.effect.each(forgeries)("with %s and right checksums is refused", expectNoticed)
  it.effect.each(files)("that is %s is refused", expectNoticed)

  it.effect.each(
    [
      ["a newer format", edit("PRAGMA user_version = 3"), "has format 3, and this release knows formats 1 to 2"],
      ["an entry of a newer kind", forgeKind(7), "entry 4 has a payload of kind 7 unknown here"],
      ["an opening entry that says more", forgeKind(0), "entry 4 has a payload of kind 0 unknown here"],
      ["a membership that says other things", forgeKind(1), "entry 4 has a payload of kind 1 unknown here"]
    ] satisfies ReadonlyArray<Damage>
  )("with %s is left to a newer release", ([, damage, message]) =>
    Effect.gen(function*() {
      const dataDir = yield* copyOf("closed")
      damage(dataDir)
      yield* expectRefusal(dataDir, "unsupported-version", message)
    }))

  it.effect.prop(
    "is refused or read as it was written, whichever bit has flipped",
    anyPlace,
    (at) =>
      Effect.scoped(Effect.gen(function*() {
        yield* expectNoticedOrHarmless(yield* copyOf("closed"), "log.sqlite", at)
      })),
    { arbitrary: { runs: 60 } }
  )
})
