/**
 * Snapshots over random histories: read bit by bit while entries go on being applied, and restored in the middle.
 *
 * The bytes of such a snapshot must be those of one that was read at once. That leaves no room for a change which the
 * snapshot was not told of: whatever was changed too early shows.
 */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import type { LockCommand } from "../../../src/lock/LockCommand.ts"
import { type LockTable, makeLockTable, type SnapshotReader } from "../../../src/lock/LockTable.ts"
import { open } from "../support/commands.ts"
import { type Entry, History, Player } from "../support/History.ts"
import { bytesOf, piecesOf, restored } from "../support/snapshots.ts"

/** A snapshot that is being read. */
class Reading {
  /** Of the same moment, read at once. */
  readonly #expected: Buffer
  readonly #reader: SnapshotReader
  readonly #pieces: Array<Uint8Array> = []

  /** A piece is a record or a few. */
  constructor(table: LockTable, blockBytes: number) {
    this.#expected = Buffer.concat(piecesOf(table.snapshot(blockBytes)))
    this.#reader = table.snapshot(blockBytes)
  }

  /** Reads some pieces. Returns whether there are no more, after it has compared them. */
  read(count: number): boolean {
    for (let left = count; left > 0; left--) {
      const piece = this.#reader.next()
      if (piece === null) {
        assert.isTrue(Buffer.concat(this.#pieces).equals(this.#expected))
        return true
      }
      this.#pieces.push(piece.slice())
    }
    return false
  }
}

const numbers = (seed: number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 0x1_0000_0000
  }
}

/** A new table, or one that a backup was restored into, in which nothing is granted for a while. */
const startingTable = (isBackup: boolean): LockTable => {
  const table = makeLockTable()
  if (!isBackup) return table
  table.apply(0, [open("of the old cluster", 60)])
  table.afterRestore({ time: 0, tokensAbove: 0, grantNow: false })
  return table
}

/** Plays a history, entry by entry, into the table and whatever other table `step` applies it to. */
const play = (table: LockTable, history: ReadonlyArray<Entry>, step: (apply: (to: LockTable) => unknown) => void) => {
  const player = new Player()
  const enter = (commands: ReadonlyArray<LockCommand>) =>
    step((to) => {
      const settled = to.apply(player.time, commands, { wallMillis: 1_800_000_000_000 + player.time, historyMax: 7 })
      if (to === table) player.learn(settled)
      return settled
    })
  enter(player.opening())
  for (const entry of history) enter(player.commands(entry))
}

const given = { history: History, seed: Arbitrary.schema(Schema.Literals([1, 2, 3, 5, 8, 13, 21, 34])) }
const options = { arbitrary: { runs: 300, size: 60 }, timeout: 120_000 }

describe("In every history a snapshot", () => {
  it.prop("has the bytes of its moment, whatever is applied while it is read", given, ({ history, seed }) => {
    const chance = numbers(seed)
    const table = startingTable(seed % 2 === 0)
    const begin = () => new Reading(table, 1 + Math.floor(chance() * 60))
    let reading = begin()
    play(table, history, (apply) => {
      apply(table)
      if (reading.read(Math.floor(chance() * 4))) reading = begin()
    })
    assert.isTrue(reading.read(Infinity))
  }, options)

  it.prop("is a table that goes on as the one that it is of", given, ({ history, seed }) => {
    const chance = numbers(seed)
    const table = startingTable(seed % 2 === 0)
    let copy = restored([bytesOf(table)])
    play(table, history, (apply) => {
      assert.deepStrictEqual(apply(copy), apply(table))
      assert.deepStrictEqual(copy.takeEvents(), table.takeEvents())
      assert.strictEqual(copy.digest(), table.digest())
      assert.strictEqual(copy.nextDeadline(), table.nextDeadline())
      assert.strictEqual(copy.hasSessions, table.hasSessions)
      if (chance() > 0.2) return
      const bytes = bytesOf(copy)
      assert.isTrue(bytes.equals(bytesOf(table)))
      copy = restored([bytes])
    })
  }, options)
})
