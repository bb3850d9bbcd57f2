/** Product rules "Lock-delay" and "maxHold", sentence by sentence. */
import { assert, describe, it } from "@effect/vitest"
import { acquire, end, name, open, queue, release, renew } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

describe("Lock-delay: a grant ended by expiry", () => {
  const delayed = (options: Parameters<typeof acquire>[2] = {}) => {
    const story = new Story({ ann: 100, bob: 9_000, cy: 9_000 })
    story.at(1, acquire("a", "ann", { lockDelayMillis: 50, ...options }))
    return story
  }

  it("counts as held until it is over: not before, then", () => {
    const story = delayed()
    story.at(2, queue("b", "bob"))
    assert.deepStrictEqual(story.at(101), [])
    assert.deepStrictEqual(story.at(151), [])
    assert.deepStrictEqual(story.at(152), ["b: granted #2 for 8848"])
  })

  it("is shown as time left, and lists no holder", () => {
    const story = delayed()
    assert.deepStrictEqual(story.at(110, acquire("b", "bob")), ["b: free, delay 50"])
    const { holders, lockDelayLeftMillis, mode } = story.table.lock(name("l"), 130)
    assert.deepStrictEqual({ holders, lockDelayLeftMillis, mode }, {
      holders: [],
      lockDelayLeftMillis: 30,
      mode: "exclusive"
    })
    assert.deepStrictEqual(story.table.lock(name("l"), 999).lockDelayLeftMillis, 0)
  })

  it("counts with its mode: readers go on beside it, writers do not", () => {
    const story = delayed({ mode: "shared" })
    assert.deepStrictEqual(story.at(101, acquire("b", "bob", { mode: "shared" }), acquire("c", "cy")), [
      "b: granted #2 for 8899",
      "c: held by bob#2, delay 50"
    ])
  })

  it("counts with its permit", () => {
    const story = delayed({ permits: 2 })
    assert.deepStrictEqual(story.at(101, acquire("b", "bob", { permits: 2 }), acquire("c", "cy", { permits: 2 })), [
      "b: granted #2 for 8899",
      "c: held by bob#2, delay 50"
    ])
    assert.deepStrictEqual(story.at(152, acquire("c2", "cy", { permits: 2 })), ["c2: granted #3 for 8848"])
  })

  it("shows the last of several", () => {
    const story = new Story({ ann: 100, bob: 100, cy: 9_000 })
    story.at(1, acquire("a", "ann", { permits: 2, lockDelayMillis: 70 }))
    story.at(2, acquire("b", "bob", { permits: 2, lockDelayMillis: 30 }))
    assert.deepStrictEqual(story.at(101, acquire("c", "cy", { permits: 2 })), ["c: free, delay 70"])
    assert.deepStrictEqual(story.at(132, acquire("c", "cy", { permits: 2 })), ["c: granted #3 for 8868"])
    assert.deepStrictEqual(story.look(), "held by cy#3, delay 39")
  })

  it("shows none when the last is over, though others hold", () => {
    const story = delayed({ mode: "shared" })
    story.at(101, acquire("b", "bob", { mode: "shared" }))
    story.at(152)
    assert.deepStrictEqual(story.table.lock(name("l"), 120).lockDelayLeftMillis, 0)
  })

  it("counts from the stamp that ended the grant, so that it is never cut short", () => {
    const story = delayed()
    story.at(120)
    assert.deepStrictEqual(story.table.nextDeadline(), 171)
  })

  it.each([
    ["a release", release("r", "ann", 1)],
    ["the end of the session by its client", end("ann")]
  ])("is skipped on %s", (_, command) => {
    const story = delayed()
    story.at(2, command)
    assert.deepStrictEqual(story.look(), "free")
  })

  it("is not the session's: the same client with a new session waits like others", () => {
    const story = delayed()
    assert.deepStrictEqual(story.at(101, open("ann", 1_000), acquire("a2", "ann")), [
      "open ann: SessionOpened for 1000",
      "a2: free, delay 50"
    ])
  })

  it("does not keep a session alive, nor its count", () => {
    const story = delayed({ maxHoldMillis: 20 })
    story.at(22)
    assert.deepStrictEqual(story.look(), "free, delay 50")
    assert.deepStrictEqual(story.table.sessions({ limit: 9 }, 22).sessions[0]?.holds, 0)
  })
})

describe("maxHold", () => {
  const held = () => {
    const story = new Story({ ann: 100, bob: 9_000 })
    story.at(10, acquire("a", "ann", { maxHoldMillis: 50, lockDelayMillis: 5 }), queue("b", "bob"))
    return story
  }

  it("counts from the grant and ends the grant, not the session", () => {
    const story = held()
    assert.deepStrictEqual(story.at(60), [])
    assert.deepStrictEqual(story.look(), "held by ann#1, 1 wait")
    story.at(61)
    assert.deepStrictEqual(story.look(), "free, 1 wait, delay 5")
    assert.deepStrictEqual(story.at(62, release("r", "ann", 1), renew("ann")), [
      "r: NotHolder",
      "renew ann: SessionRenewed for 100"
    ])
  })

  it("counts from the grant, not from the queue", () => {
    const story = new Story({ ann: 900, bob: 900 })
    story.at(1, acquire("a", "ann"), queue("b", "bob", { maxHoldMillis: 50 }))
    assert.deepStrictEqual(story.at(100, release("r", "ann", 1)), [
      "r: Released",
      "b: granted #2 for 50, hold ends in 50"
    ])
    story.at(150)
    assert.deepStrictEqual(story.look(), "held by bob#2")
    story.at(151)
    assert.deepStrictEqual(story.look(), "free")
  })

  it("is not moved by renewals", () => {
    const story = held()
    story.at(59, renew("ann"))
    story.at(61)
    assert.deepStrictEqual(story.look(), "free, 1 wait, delay 5")
  })

  it("brings lock-delay about", () => {
    const story = held()
    story.at(61)
    assert.deepStrictEqual(story.at(66), [])
    assert.deepStrictEqual(story.at(67), ["b: granted #2 for 8933"])
  })

  it.each([
    ["the hold ends first", 50, "a: granted #1 for 50, hold ends in 50"],
    ["the session ends first", 500, "a: granted #1 for 90, hold ends in 500"]
  ])("expiresInMillis is the smaller of the two: %s", (_, maxHoldMillis, line) => {
    const story = new Story({ ann: 100 })
    assert.deepStrictEqual(story.at(10, acquire("a", "ann", { maxHoldMillis })), [line])
  })

  it("cannot outlive the session", () => {
    const story = new Story({ ann: 100 })
    story.at(10, acquire("a", "ann", { maxHoldMillis: 500 }))
    story.at(100)
    assert.deepStrictEqual(story.look(), "held by ann#1")
    story.at(101)
    assert.deepStrictEqual(story.look(), "free")
  })
})
