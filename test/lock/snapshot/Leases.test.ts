/**
 * Snapshot and restore never shorten a lease: a table that was restored gives nothing away that the one before it had
 * promised, and a new cluster made from a backup grants nothing to whose holder the old one may have promised more.
 */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { type LockTable, makeLockTable } from "../../../src/lock/LockTable.ts"
import { open, queue } from "../support/commands.ts"
import { type Entry, History, lockNames, Player } from "../support/History.ts"
import { bytesOf, restored } from "../support/snapshots.ts"

/** Plays a history into a table that is restored from a snapshot of itself before every entry. */
const play = (
  history: ReadonlyArray<Entry>,
  look: (table: LockTable, time: number, isTimeAlone: boolean) => void
): LockTable => {
  let table = makeLockTable()
  const player = new Player()
  player.learn(table.apply(0, player.opening()))
  look(table, 0, false)
  for (const entry of history) {
    const commands = player.commands(entry)
    table = restored([bytesOf(table)])
    table.apply(player.time, [])
    look(table, player.time, true)
    player.learn(table.apply(player.time, commands))
    look(table, player.time, false)
  }
  return table
}

interface Lease {
  readonly name: string
  readonly deadline: number
}

/** Without those that an acquire has made which waits: no client knows of them, and they go with the wait. */
const sessionsOf = (table: LockTable, now: number): ReadonlyArray<Lease> =>
  table.sessions({ limit: 1_000 }, now).sessions
    .filter(({ label, waits }) => waits === 0 || !label.startsWith("minted"))
    .map(({ expiresInMillis, label }) => ({ name: label, deadline: now + expiresInMillis }))

const grantsOf = (table: LockTable, now: number): ReadonlyArray<Lease> =>
  lockNames.flatMap((lock) =>
    table.lock(lock, now).holders.map(({ expiresInMillis, token }) => ({
      name: `${lock}#${token}`,
      deadline: now + expiresInMillis
    }))
  )

const leasesOf = (table: LockTable, now: number) => [...sessionsOf(table, now), ...grantsOf(table, now)]

/** A grant may start the TTL of the session anew that the acquire has made: longer a lease may get. */
const assertKept = (before: ReadonlyArray<Lease>, after: ReadonlyArray<Lease>, now: number): void => {
  const deadlines = new Map(after.map(({ deadline, name }) => [name, deadline]))
  for (const { deadline, name } of before) {
    if (deadline >= now) assert.isAtLeast(deadlines.get(name) ?? 0, deadline, name)
    else assert.isUndefined(deadlines.get(name), name)
  }
}

const longest = (leases: ReadonlyArray<Lease>, from: number): number =>
  Math.max(0, ...leases.map(({ deadline }) => deadline - from))

const Delay = Arbitrary.schema(Schema.Literals([0, 1, 7, 60, 1_000]))
const options = { arbitrary: { runs: 60, size: 60 }, timeout: 60_000 }

describe("In every history of restores", () => {
  it.prop("a lease lasts to its millisecond when nothing but time ends it", { history: History }, ({ history }) => {
    let before: ReadonlyArray<Lease> = []
    play(history, (table, time, isTimeAlone) => {
      const leases = leasesOf(table, time)
      if (isTimeAlone) assertKept(before, leases, time)
      before = leases
    })
  }, options)

  it.prop(
    "a new cluster grants nothing while a lease of the backup can run, and everything right after",
    { history: History, delay: Delay },
    ({ delay, history }) => {
      const old = play(history, () => {})
      const backup = restored([bytesOf(old)])
      const began = old.time + delay
      const { grantsAfterMillis } = backup.afterRestore({ time: began, tokensAbove: 0, grantNow: false })
      assert.isAtLeast(grantsAfterMillis, longest(leasesOf(old, old.time), old.time))

      const cluster = restored([bytesOf(backup)])
      const asked = lockNames.map((lock) => queue(lock, "new", { lock }))
      assert.lengthOf(cluster.apply(began, [open("new", 100_000), ...asked]), grantsAfterMillis === 0 ? 4 : 1)
      const granted = cluster.nextDeadline()
      if (grantsAfterMillis === 0) return
      assert.strictEqual(granted, began + grantsAfterMillis)
      assert.deepStrictEqual(cluster.apply(granted! - 1, []), [])
      const settled = cluster.apply(granted!, [])
      assert.deepStrictEqual(settled.map(({ request }) => request as string), [...lockNames])
      for (const { reply } of settled) assert.strictEqual(reply._tag, "Granted")
    },
    options
  )
})
