/** Promises 2 and 3, and the time of design §4: what ends, when, and in which order. */
import { assert, describe, it } from "@effect/vitest"
import { renewalsFirst } from "../../../src/lock/LockCommand.ts"
import { acquire, end, mint, open, queue, release, renew, tick } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

describe("Promise 2: a lock is never granted to another before the TTL has fully run", () => {
  it("not before, then", () => {
    const story = new Story({ ann: 1_000, bob: 9_000 })
    story.at(10, acquire("a", "ann"), queue("b", "bob"))
    // A stamp of 1,000 may be of a moment at which 999.001 ms have run.
    assert.deepStrictEqual(story.at(1_000, tick), [])
    assert.deepStrictEqual(story.at(1_001, tick), ["b: granted #2 for 7999"])
  })

  it("counted from when the last renewal was accepted", () => {
    const story = new Story({ ann: 1_000, bob: 9_000 })
    story.at(10, acquire("a", "ann"), queue("b", "bob"))
    assert.deepStrictEqual(story.at(999, renew("ann")), ["renew ann: SessionRenewed for 1000"])
    assert.deepStrictEqual(story.at(1_999), [])
    assert.deepStrictEqual(story.at(2_000), ["b: granted #2 for 7000"])
  })

  it("a renewal never brings the deadline nearer, though a stamp fell", () => {
    const story = new Story({ ann: 1_000 })
    story.at(500, renew("ann"))
    story.at(100, renew("ann"))
    assert.deepStrictEqual(story.table.time, 500)
    assert.deepStrictEqual(story.table.nextDeadline(), 1_501)
  })

  it("an acquire or a release does not renew", () => {
    const story = new Story({ ann: 1_000 })
    story.at(900, acquire("a", "ann"), release("r", "ann", 1))
    assert.deepStrictEqual(story.table.nextDeadline(), 1_001)
  })
})

describe("Promise 3: a renewal or a retry never resurrects what has expired", () => {
  it.each([
    ["a renewal", renew("ann", "x"), "x: SessionExpired"],
    ["a retry", acquire("x", "ann"), "x: SessionExpired"],
    ["a copy of the acquire", acquire("a", "ann"), "a: SessionExpired"],
    ["a release", release("x", "ann", 1), "x: NotHolder"],
    ["an end", end("ann", "x"), "x: SessionEnded"]
  ])("%s in the first entry that is stamped later than the deadline comes too late", (_, command, line) => {
    const story = new Story({ ann: 1_000 })
    story.at(10, acquire("a", "ann"))
    assert.deepStrictEqual(story.at(1_000), [])
    assert.deepStrictEqual(story.look(), "held by ann#1")
    assert.deepStrictEqual(story.at(1_001, command), [line])
    assert.deepStrictEqual(story.look(), "free")
  })

  it.each([
    ["by another owner", release("x", "ann", 1, { owner: "o" })],
    ["with another token", release("x", "ann", 2)],
    ["by another session", release("x", "bob", 1)],
    ["of another lock", release("x", "ann", 1, { lock: "other" })]
  ])("a release %s frees nothing", (_, command) => {
    const story = new Story({ ann: 1_000, bob: 1_000 })
    story.at(10, acquire("a", "ann"))
    assert.deepStrictEqual(story.at(11, command), ["x: NotHolder"])
    assert.deepStrictEqual(story.look(), "held by ann#1")
  })

  it("a release without an owner goes by session and token", () => {
    const story = new Story({ ann: 1_000 })
    story.at(10, acquire("a", "ann", { owner: "o" }))
    assert.deepStrictEqual(story.at(11, release("x", "ann", 1)), ["x: Released"])
    assert.deepStrictEqual(story.look(), "free")
  })

  it("a release does not touch what the same owner waits for", () => {
    const story = new Story({ ann: 1_000, bob: 1_000 })
    story.at(10, acquire("a", "ann"), queue("b", "bob"))
    assert.deepStrictEqual(story.at(11, release("x", "bob", 1)), ["x: NotHolder"])
    assert.deepStrictEqual(story.look(), "held by ann#1, 1 wait")
  })
})

describe("When a session ends, all it holds or waits for ends in the same entry", () => {
  const story = () => {
    const story = new Story({ ann: 1_000, bob: 9_000 })
    story.at(1, acquire("a", "ann", { lock: "k" }), acquire("b", "bob", { lock: "l" }))
    story.at(2, queue("a2", "ann", { lock: "l" }), queue("b2", "bob", { lock: "k" }))
    return story
  }

  it("by expiry", () => {
    const expired = story()
    assert.deepStrictEqual(expired.at(1_001), ["a2: SessionExpired", "b2: granted #3 for 7999"])
    assert.deepStrictEqual(expired.look("l"), "held by bob#2")
  })

  it("by its client, and again: the answer is the same", () => {
    const ended = story()
    assert.deepStrictEqual(ended.at(3, end("ann")), [
      "a2: SessionExpired",
      "end ann: SessionEnded",
      "b2: granted #3 for 8997"
    ])
    assert.deepStrictEqual(ended.at(4, end("ann"), end("nobody")), [
      "end ann: SessionEnded",
      "end nobody: SessionEnded"
    ])
  })
})

describe("What is due ends in order of deadlines, ties in order of creation", () => {
  it("whatever the order in which it was made", () => {
    const story = new Story({ late: 300, early: 100, holder: 9_000 })
    story.at(1, acquire("h", "holder", { lock: "z" }))
    story.at(2, queue("1", "late", { lock: "z" }), queue("2", "early", { lock: "z" }))
    story.at(3, acquire("3", "holder", { lock: "z", owner: "o", waitMillis: 197 }))
    assert.deepStrictEqual(story.at(500), ["2: SessionExpired", "3: WaitTimedOut", "1: SessionExpired"])
  })

  it("so the tokens of what is granted then follow it too", () => {
    const story = new Story({ late: 300, early: 100, bob: 9_000 })
    story.at(1, acquire("1", "late", { lock: "k" }), acquire("2", "early", { lock: "m" }))
    story.at(2, queue("k", "bob", { lock: "k" }), queue("m", "bob", { lock: "m" }))
    assert.deepStrictEqual(story.at(500), ["m: granted #3 for 8500", "k: granted #4 for 8500"])
  })

  it("a tie", () => {
    const story = new Story({ holder: 9_000, x: 100, y: 100 })
    story.at(1, acquire("h", "holder"), queue("y", "y"), queue("x", "x"))
    assert.deepStrictEqual(story.at(101), ["x: SessionExpired", "y: SessionExpired"])
  })
})

describe("The replicated time", () => {
  it("never falls: a stamp before the latest counts as the latest", () => {
    const story = new Story({ ann: 100 })
    story.at(50)
    assert.deepStrictEqual(story.at(40, acquire("a", "ann", { maxHoldMillis: 20 })), [
      "a: granted #1 for 20, hold ends in 20"
    ])
    assert.deepStrictEqual(story.table.time, 50)
  })

  it("is next due at the earliest of sessions, waits, holds and lock-delays", () => {
    const story = new Story()
    assert.deepStrictEqual(story.table.nextDeadline(), undefined)
    story.at(0, open("ann", 1_000), open("bob", 2_000))
    assert.deepStrictEqual(story.table.nextDeadline(), 1_001)
    story.at(1, acquire("a", "ann", { maxHoldMillis: 600, lockDelayMillis: 20 }))
    assert.deepStrictEqual(story.table.nextDeadline(), 602)
    story.at(2, acquire("b", "bob", { waitMillis: 300 }))
    assert.deepStrictEqual(story.table.nextDeadline(), 303)
    story.at(303)
    assert.deepStrictEqual(story.table.nextDeadline(), 602)
    story.at(602)
    assert.deepStrictEqual(story.table.nextDeadline(), 623)
    story.at(623)
    assert.deepStrictEqual(story.table.nextDeadline(), 1_001)
    story.at(624, end("ann"), end("bob"))
    assert.deepStrictEqual(story.table.nextDeadline(), undefined)
  })

  it("renewals go before the rest of a batch, which keeps its order", () => {
    const batch = [acquire("a", "ann"), renew("ann"), release("r", "ann", 1), renew("bob")]
    assert.deepStrictEqual(renewalsFirst(batch), [batch[1]!, batch[3]!, batch[0]!, batch[2]!])
  })

  it.each([
    ["is opened", open("ann", 100)],
    ["is minted", mint("a", "ann")]
  ])("but never before the command by which their session %s", (_, making) => {
    const batch = [making, renew("ann"), renew("bob")]
    assert.deepStrictEqual(renewalsFirst(batch), [renew("bob"), making, renew("ann")])
  })
})
