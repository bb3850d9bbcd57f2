/** History: who held which lock, when by the clock on the wall, and how it ended; bounded, and the same everywhere. */
import { assert, describe, it } from "@effect/vitest"
import type { LockCommand } from "../../../src/lock/LockCommand.ts"
import { perLockMax } from "../../../src/lock/LockHistory.ts"
import { makeLockTable } from "../../../src/lock/LockTable.ts"
import { acquire, name, open, release, token } from "../support/commands.ts"

const noon = 1_800_000_000_000

/** A table whose leader keeps so many grants, and whose wall clock and replicated clock are two things. */
const told = (historyMax: number) => {
  const table = makeLockTable()
  const at = (time: number, wall: number, ...commands: ReadonlyArray<LockCommand>) =>
    table.apply(time, commands, { wallMillis: noon + wall, historyMax })
  at(0, 0, open("ann", 90_000), open("bob", 90_000))
  return { table, at, of: (lock: string) => table.history(name(lock), table.time) }
}

/** Takes the lock and gives it back. */
const turn = (lock: string, token: number) => [acquire("a", "ann", { lock }), release("r", "ann", token, { lock })]

describe("History tells of a lock", () => {
  it("who holds it since when, and who held it from when to when, the latest first", () => {
    const { at, of } = told(10)
    at(100, 5_000, acquire("a", "ann", { owner: "o" }))
    at(300, 5_900, release("r", "ann", 1), acquire("b", "bob", { maxHoldMillis: 50 }))
    at(400, 6_000, acquire("c", "ann", { mode: "shared" }))
    assert.deepStrictEqual(of("l"), {
      present: [{ token: token(3), label: "ann", owner: "", mode: "shared", grantedWall: noon + 6_000, heldMillis: 0 }],
      past: [
        {
          token: token(2),
          label: "bob",
          owner: "",
          mode: "exclusive",
          grantedWall: noon + 5_900,
          endedWall: noon + 6_000,
          heldMillis: 100,
          reason: "max-hold"
        },
        {
          token: token(1),
          label: "ann",
          owner: "o",
          mode: "exclusive",
          grantedWall: noon + 5_000,
          endedWall: noon + 5_900,
          heldMillis: 200,
          reason: "released"
        }
      ]
    })
  })

  it("also when it is idle, and nothing of one that nobody has held", () => {
    const { at, of } = told(10)
    at(1, 1, ...turn("l", 1))
    assert.deepStrictEqual([of("l").present.length, of("l").past.length], [0, 1])
    assert.deepStrictEqual(of("other"), { present: [], past: [] })
  })
})

describe("History is bounded", () => {
  it("for a busy lock, which pushes out nobody else's", () => {
    const { at, of } = told(1_000)
    at(1, 1, ...turn("quiet", 1))
    for (let token = 2; token < 102; token++) at(token, token, ...turn("busy", token))
    assert.strictEqual(of("busy").past.length, perLockMax)
    assert.deepStrictEqual([of("busy").past[0]?.token, of("busy").past.at(-1)?.token], [101, 102 - perLockMax])
    assert.strictEqual(of("quiet").past.length, 1)
  })

  it("in all: the lock whose last grant ended longest ago goes first", () => {
    const { at, of } = told(3)
    at(1, 1, ...turn("a", 1), ...turn("b", 2), ...turn("c", 3), ...turn("a", 4))
    assert.deepStrictEqual(["a", "b", "c"].map((lock) => of(lock).past.length), [2, 0, 1])
  })

  it("by what the log says, which may change", () => {
    const { of, table } = told(10)
    const say = (historyMax: number, ...commands: ReadonlyArray<LockCommand>) =>
      table.apply(1, commands, { wallMillis: noon, historyMax })
    say(10, ...turn("a", 1), ...turn("b", 2))
    say(1)
    assert.deepStrictEqual(["a", "b"].map((lock) => of(lock).past.length), [0, 1])
    // An entry of an older release says nothing, and changes nothing.
    table.apply(2, turn("c", 3))
    assert.deepStrictEqual(["b", "c"].map((lock) => of(lock).past.length), [0, 1])
  })

  it("to none where no entry has said how much", () => {
    const table = makeLockTable()
    table.apply(1, [open("ann", 90_000), ...turn("l", 1)])
    assert.deepStrictEqual(table.history(name("l"), 1), { present: [], past: [] })
  })
})
