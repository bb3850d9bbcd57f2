/** The lock table against the naive statement of its rules: the same histories, the same replies, the same views. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Schema } from "effect"
import type { LockName } from "../../src/lock/Identifiers.ts"
import { LockReply } from "../../src/lock/LockReply.ts"
import { type LockTable, makeLockTable } from "../../src/lock/LockTable.ts"
import { open, token } from "./support/commands.ts"
import { type Entry, History, lockNames, Player } from "./support/History.ts"
import { NaiveLocks } from "./support/NaiveLocks.ts"

const readerDelay = 3

/** A new table, or one that a backup was restored into, in which nothing is granted for a while. */
const starts = {
  new: () => [makeLockTable(), new NaiveLocks()] as const,
  restored: () => {
    const table = makeLockTable()
    table.apply(0, [open("of the old cluster", 60)])
    table.afterRestore({ time: 0, tokensAbove: 0, grantNow: false })
    return [table, new NaiveLocks({ lastToken: 2 ** 40, grantsAfter: 60 })] as const
  }
}

const Start = Arbitrary.schema(Schema.Literals(["new", "restored"]))

describe("Over random histories the table and the naive rules", () => {
  it.prop("answer alike and show alike after every entry", { history: History, start: Start }, ({ history, start }) => {
    const [table, rules] = starts[start]()
    const player = new Player()
    assert.deepStrictEqual(table.apply(0, player.opening()), rules.apply(0, player.opening()))
    for (const entry of history) {
      const commands = player.commands(entry)
      const settled = rules.apply(player.time, commands)
      assert.deepStrictEqual(table.apply(player.time, commands), settled)
      assertSameViews(table, rules, player.time + readerDelay)
      player.learn(settled)
    }
  }, { arbitrary: { runs: 300, size: 60 }, timeout: 60_000 })

  it.effect("see every kind of reply in them, so that the comparison is not hollow", () =>
    Effect.gen(function*() {
      const histories = yield* Arbitrary.sampleEffect(History, { count: 200, size: 60, seed: 1 })
      const seen = new Map<string, number>()
      for (const { reply } of histories.flatMap(repliesTo)) seen.set(reply._tag, (seen.get(reply._tag) ?? 0) + 1)
      const { TooManyOutcomes: _, ...reachable } = LockReply.cases
      for (const tag of Object.keys(reachable)) assert.isAtLeast(seen.get(tag) ?? 0, 50, tag)
    }))
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

const assertSameViews = (table: LockTable, rules: NaiveLocks, now: number): void => {
  assert.strictEqual(table.time, rules.time)
  assert.strictEqual(table.hasSessions, rules.hasSessions)
  assert.strictEqual(table.nextDeadline(), rules.nextDeadline())
  for (const lock of lockNames) assert.deepStrictEqual(table.lock(lock, now), rules.lock(lock, now))
  const listed = lockNames.filter((lock) => rules.lockNames().includes(lock)).map((lock) => rules.lock(lock, now))
  assert.deepStrictEqual(allLocks(table, now), listed)
  assert.deepStrictEqual(allSessions(table, now), rules.sessions(now))
  assertSameTokens(table, rules)
}

const assertSameTokens = (table: LockTable, rules: NaiveLocks): void => {
  for (const lock of lockNames) {
    for (let value = Math.max(1, rules.lastToken - 9); value <= rules.lastToken + 1; value++) {
      assert.strictEqual(table.check(lock, token(value)), rules.check(lock, token(value)))
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
