/** What holds in every history, whoever judges: told from commands, replies and views alone. */
import { assert, describe, it } from "@effect/vitest"
import type { LockCommand } from "../../src/lock/LockCommand.ts"
import type { Settled } from "../../src/lock/LockReply.ts"
import { type LockTable, makeLockTable } from "../../src/lock/LockTable.ts"
import { type Entry, History, lockNames, Player } from "./support/History.ts"

interface Step {
  readonly table: LockTable
  readonly time: number
  readonly commands: ReadonlyArray<LockCommand>
  readonly settled: ReadonlyArray<Settled>
}

/** Plays a history and shows each step of it: time passes alone, then each command comes alone. */
const play = (history: ReadonlyArray<Entry>, look: (step: Step) => void): LockTable => {
  const table = makeLockTable()
  const player = new Player()
  const step = (commands: ReadonlyArray<LockCommand>): void => {
    const settled = table.apply(player.time, commands)
    player.learn(settled)
    look({ table, time: player.time, commands, settled })
  }
  step(player.opening())
  for (const entry of history) {
    const commands = player.commands(entry)
    step([])
    for (const command of commands) step([command])
  }
  return table
}

const histories = { history: History }
const options = { arbitrary: { runs: 60, size: 60 }, timeout: 60_000 }

describe("In every history", () => {
  it.prop(
    "at most one exclusive holder, or only shared holders, or at most `permits`, per lock",
    histories,
    ({ history }) => {
      play(history, ({ table, time }) => {
        for (const { holders, mode, permits } of lockNames.map((name) => table.lock(name, time))) {
          assert.isTrue(holders.every((holder) => holder.mode === mode))
          assert.isAtMost(mode === "shared" ? 1 : holders.length, permits)
        }
      })
    },
    options
  )

  it.prop("tokens rise by one for every grant, and no two grants share one", histories, ({ history }) => {
    let last = 0
    play(history, ({ settled }) => {
      for (const { reply } of settled) {
        if (reply._tag === "Granted" && reply.token > last) assert.strictEqual(reply.token, ++last)
      }
    })
  }, options)

  it.prop("holders are listed in order of their tokens, the last of which is the lock's", histories, ({ history }) => {
    play(history, ({ table, time }) => {
      for (const { holders, lastToken } of lockNames.map((name) => table.lock(name, time))) {
        const tokens = holders.map((holder) => holder.token)
        assert.deepStrictEqual(tokens, tokens.toSorted((one, other) => one - other))
        if (tokens.length > 0) assert.isAtMost(tokens.at(-1)!, lastToken!)
      }
    })
  }, options)

  it.prop(
    "among waiters of one lock, grants follow the order in which the log accepted them",
    histories,
    ({ history }) => {
      const queues = lockNames.map((): Array<string> => [])
      let latest = 0
      play(history, ({ commands, settled }) => {
        const superseded = leaveInOrder(queues, settled, latest)
        latest = Math.max(latest, ...settled.map(({ reply }) => reply._tag === "Granted" ? reply.token : 0))
        const [asked] = commands
        if (asked?._tag !== "Acquire" || settled.some(({ request }) => request === asked.request)) return
        const queue = queues[lockNames.indexOf(asked.lock)]!
        if (superseded !== undefined) queue.splice(superseded, 0, asked.request)
        else if (!queue.includes(asked.request)) queue.push(asked.request)
      })
    },
    options
  )

  it.prop("time alone ends nothing early, and nothing late", histories, ({ history }) => {
    // At its deadline up to a millisecond may be left to run: see `overAt`.
    let alive = new Map<number, number>()
    play(history, ({ commands, table, time }) => {
      const present = holdersOf(table, time)
      if (commands.length === 0) {
        for (const [token, deadline] of alive) assert.strictEqual(present.has(token), deadline >= time, `#${token}`)
      }
      alive = present
    })
  }, options)

  it.prop("nobody waits for a lock that nothing has taken", histories, ({ history }) => {
    play(history, ({ table, time }) => {
      for (const { mode, queueLength } of lockNames.map((name) => table.lock(name, time))) {
        if (queueLength > 0) assert.isNotNull(mode)
      }
    })
  }, options)

  it.prop("each request is answered at most once, unless it was sent more than once", histories, ({ history }) => {
    const sent = new Map<string, number>()
    play(history, ({ commands, settled }) => {
      for (const command of commands) {
        if (command._tag !== "Tick") sent.set(command.request, (sent.get(command.request) ?? 0) + 1)
      }
      for (const { request } of settled) {
        assert.isAtLeast(sent.get(request) ?? 0, 1, request)
        sent.set(request, sent.get(request)! - 1)
      }
    })
  }, options)

  it.prop("the same entries give the same replies and the same state", histories, ({ history }) => {
    const replica = makeLockTable()
    play(history, ({ commands, settled, table, time }) => {
      assert.deepStrictEqual(replica.apply(time, commands), settled)
      assert.strictEqual(replica.digest(), table.digest())
    })
  }, options)

  it.prop("a read changes nothing", histories, ({ history }) => {
    play(history, ({ table, time }) => {
      const before = table.digest()
      table.locks({ limit: 9 }, time + 99_999)
      table.sessions({ limit: 9 }, time + 99_999)
      for (const name of lockNames) table.lock(name, time + 99_999)
      assert.strictEqual(table.digest(), before)
    })
  }, options)

  it.prop("when all sessions have ended, nothing is left but the clock and the counters", histories, ({ history }) => {
    const table = play(history, () => {})
    table.apply(table.time + 10_000, [])
    table.apply(table.time + 10_000, [])
    assert.strictEqual(table.nextDeadline(), undefined)
    assert.isFalse(table.hasSessions)
    assert.match(table.digest(), /^clock .*$/)
  }, options)
})

const holdersOf = (table: LockTable, now: number): Map<number, number> =>
  new Map(
    lockNames.flatMap((name) =>
      table.lock(name, now).holders.map((holder) => [holder.token, now + holder.expiresInMillis] as const)
    )
  )

/** Takes what is settled out of the queues, grants from their heads only. Returns the place of a superseded attempt. */
const leaveInOrder = (
  queues: ReadonlyArray<Array<string>>,
  settled: ReadonlyArray<Settled>,
  latest: number
): number | undefined => {
  let superseded: number | undefined
  for (const { reply, request } of settled) {
    // A waiter that a copy of itself, with another seq, asks to be told of that one waits on.
    const isOld = reply._tag === "RequestStale" || (reply._tag === "Granted" && reply.token <= latest)
    const queue = isOld ? undefined : queues.find((one) => one.includes(request))
    if (queue === undefined) continue
    const at = queue.indexOf(request)
    if (reply._tag === "Granted") assert.strictEqual(at, 0, `${request} passed ${queue[0]}`)
    if (reply._tag === "Superseded") superseded = at
    queue.splice(at, 1)
  }
  return superseded
}
