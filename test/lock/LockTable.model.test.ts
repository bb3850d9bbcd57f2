/**
 * The lock table against the specification: the same histories, the same replies, the same views, after every entry.
 */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Schema } from "effect"
import type { LockName } from "../../src/lock/Identifiers.ts"
import { LockReply } from "../../src/lock/LockReply.ts"
import { type LockTable, makeLockTable } from "../../src/lock/LockTable.ts"
import { LockSpec } from "../../src/spec/LockSpec.ts"
import { open, token } from "./support/commands.ts"
import { type Entry, History, lockNames, Player } from "./support/History.ts"
import { nothing, plants } from "./support/plants.ts"

const readerDelay = 3

/** A new table, or one that a backup was restored into, in which nothing is granted for a while. */
const starts = {
  new: () => [makeLockTable(), new LockSpec()] as const,
  restored: () => {
    const table = makeLockTable()
    table.apply(0, [open("of the old cluster", 60)])
    table.afterRestore({ time: 0, tokensAbove: 0, grantNow: false })
    return [table, new LockSpec({ time: 0, lastToken: 2 ** 40, grantsAfter: 60 })] as const
  }
}

const Start = Arbitrary.schema(Schema.Literals(["new", "restored"]))

const compare = (history: ReadonlyArray<Entry>, start: keyof typeof starts, plant = nothing): void => {
  const [table, spec] = starts[start]()
  const apply = plant(table)
  const player = new Player()
  const settled: ReadonlyArray<unknown> = spec.apply(0, player.opening())
  assert.deepStrictEqual(apply(0, player.opening()), settled)
  for (const entry of history) {
    const commands = player.commands(entry)
    const answered = apply(player.time, commands)
    assert.deepStrictEqual<ReadonlyArray<unknown>>(answered, spec.apply(player.time, commands))
    assertSameViews(table, spec, player.time + readerDelay)
    player.learn(answered)
  }
}

describe("Over random histories the table and the specification", () => {
  it.prop(
    "answer alike and show alike after every entry",
    { history: History, start: Start },
    ({ history, start }) => compare(history, start),
    { arbitrary: { runs: 500, size: 60 }, timeout: 60_000 }
  )

  it.effect("see every kind of reply in them, so that the comparison is not hollow", () =>
    Effect.gen(function*() {
      const histories = yield* Arbitrary.sampleEffect(History, { count: 200, size: 60, seed: 1 })
      const seen = new Map<string, number>()
      for (const { reply } of histories.flatMap(repliesTo)) seen.set(reply._tag, (seen.get(reply._tag) ?? 0) + 1)
      const { TooManyOutcomes: _, ...reachable } = LockReply.cases
      for (const tag of Object.keys(reachable)) assert.isAtLeast(seen.get(tag) ?? 0, 50, tag)
    }))

  it.effect.each(Object.entries(plants))(
    "differ only if something is planted: %s",
    ([, plant]) =>
      Effect.gen(function*() {
        const histories = yield* Arbitrary.sampleEffect(History, { count: 100, size: 60, seed: 2 })
        const compareAll = () => histories.forEach((history) => compare(history, "new", plant))
        if (plant === nothing) compareAll()
        else assert.throws(compareAll, /^expected .* to (deeply )?equal/s)
      })
  )
})

const repliesTo = (history: ReadonlyArray<Entry>) => {
  const table = makeLockTable()
  const player = new Player()
  table.apply(0, player.opening())
  return history.flatMap((entry) => {
    const commands = player.commands(entry)
    const settled = table.apply(player.time, commands)
    player.learn(settled)
    return settled
  })
}

const assertSameViews = (table: LockTable, spec: LockSpec, now: number): void => {
  assert.strictEqual(table.time, spec.time)
  assert.strictEqual(table.hasSessions, spec.hasSessions)
  assert.strictEqual(table.nextDeadline(), spec.nextDeadline())
  for (const lock of lockNames) assert.deepStrictEqual(table.lock(lock, now), spec.lock(lock, now))
  const listed = lockNames.filter((lock) => spec.lockNames().includes(lock)).map((lock) => spec.lock(lock, now))
  assert.deepStrictEqual(allLocks(table, now), listed)
  assert.deepStrictEqual(allSessions(table, now), spec.sessions(now))
  assertSameTokens(table, spec)
}

const assertSameTokens = (table: LockTable, spec: LockSpec): void => {
  for (const lock of lockNames) {
    for (let value = Math.max(1, spec.lastToken - 9); value <= spec.lastToken + 1; value++) {
      assert.strictEqual(table.check(lock, token(value)), spec.check(lock, token(value)))
    }
  }
}

const allLocks = (table: LockTable, now: number) => {
  const locks = []
  for (let cursor: LockName | null | undefined; cursor !== null;) {
    const page = table.locks({ limit: 2, cursor }, now)
    locks.push(...page.locks)
    cursor = page.cursor
  }
  return locks
}

const allSessions = (table: LockTable, now: number) => {
  const sessions = []
  for (let cursor: number | null | undefined; cursor !== null;) {
    const page = table.sessions({ limit: 2, cursor }, now)
    sessions.push(...page.sessions)
    cursor = page.cursor
  }
  return sessions
}
