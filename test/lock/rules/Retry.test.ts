/** Product rule "Retry", sentence by sentence. */
import { assert, describe, it } from "@effect/vitest"
import { acquire, name, queue, release } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

describe("Retry: an acquire by a (session, owner) that holds or waits for that lock", () => {
  it("keeps its place in the queue", () => {
    const story = new Story({ ann: 9_000, bob: 9_000, cy: 9_000 })
    assert.deepStrictEqual(story.at(1, acquire("a", "ann"), queue("b", "bob"), queue("c", "cy")), [
      "a: granted #1 for 8999"
    ])
    assert.deepStrictEqual(story.at(2, queue("b2", "bob")), ["b: Superseded"])
    assert.deepStrictEqual(story.at(3, release("r", "ann", 1)), ["r: Released", "b2: granted #2 for 8997"])
    assert.deepStrictEqual(story.look(), "held by bob#2, 1 wait")
  })

  it("keeps its first value, lock-delay and maxHold", () => {
    const story = new Story({ ann: 9_000, bob: 9_000 })
    const first = { value: "first", lockDelayMillis: 40, maxHoldMillis: 100 }
    story.at(1, acquire("a", "ann"), queue("b", "bob", first))
    story.at(2, queue("b2", "bob", { value: "second", lockDelayMillis: 70, maxHoldMillis: 700 }))
    assert.deepStrictEqual(story.at(3, release("r", "ann", 1)), [
      "r: Released",
      "b2: granted #2 for 100, hold ends in 100"
    ])
    assert.deepStrictEqual(story.table.lock(name("l"), 3).holders[0]?.value, "first")
    assert.deepStrictEqual(story.at(4, acquire("b3", "bob", { value: "third" })), [
      "b3: granted #2 for 99, hold ends in 99"
    ])
    assert.deepStrictEqual(story.table.lock(name("l"), 4).holders[0]?.value, "first")
    story.at(104)
    assert.deepStrictEqual(story.look(), "free, delay 40")
  })

  it.each([
    ["later", 500, 503],
    ["sooner", 10, 13]
  ])("takes the deadline of the latest attempt, be it %s", (_, waitMillis, ends) => {
    const story = new Story({ ann: 9_000, bob: 9_000 })
    story.at(1, acquire("a", "ann"), acquire("b", "bob", { waitMillis: 100 }))
    story.at(2, acquire("b2", "bob", { waitMillis }))
    assert.deepStrictEqual(story.at(ends - 1), [])
    assert.deepStrictEqual(story.at(ends), ["b2: WaitTimedOut"])
  })

  it("gets the same grant, never a second one", () => {
    const story = new Story({ ann: 9_000 })
    assert.deepStrictEqual(story.at(1, acquire("a", "ann")), ["a: granted #1 for 8999"])
    assert.deepStrictEqual(story.at(5, acquire("a2", "ann"), queue("a3", "ann")), [
      "a2: granted #1 for 8995",
      "a3: granted #1 for 8995"
    ])
    assert.deepStrictEqual(story.at(6, release("r", "ann", 1)), ["r: Released"])
    assert.deepStrictEqual(story.look(), "free")
  })

  it("with waitMillis 0 leaves the queue", () => {
    const story = new Story({ ann: 9_000, bob: 9_000 })
    story.at(1, acquire("a", "ann"), queue("b", "bob"))
    assert.deepStrictEqual(story.at(2, acquire("b2", "bob")), ["b: Superseded", "b2: held by ann#1"])
    assert.deepStrictEqual(story.look(), "held by ann#1")
    assert.deepStrictEqual(story.at(3, release("r", "ann", 1)), ["r: Released"])
  })

  it("is no retry for another owner of the same session: two of them exclude each other", () => {
    const story = new Story({ ann: 9_000 })
    story.at(1, acquire("a", "ann", { owner: "x" }))
    assert.deepStrictEqual(story.at(2, acquire("b", "ann", { owner: "y" })), ["b: held by ann#1"])
    assert.deepStrictEqual(story.at(3, queue("c", "ann", { owner: "y" }), release("r", "ann", 1)), [
      "r: Released",
      "c: granted #2 for 8997"
    ])
  })

  it("of the very same attempt, sent again to a new leader, supersedes nothing and moves no deadline", () => {
    const story = new Story({ ann: 9_000, bob: 9_000 })
    const attempt = acquire("b", "bob", { waitMillis: 100 })
    story.at(1, acquire("a", "ann"), attempt)
    assert.deepStrictEqual(story.at(50, attempt), [])
    assert.deepStrictEqual(story.at(101), [])
    assert.deepStrictEqual(story.at(102), ["b: WaitTimedOut"])
  })

  it("of the very same attempt gets the same grant", () => {
    const story = new Story({ ann: 9_000 })
    const attempt = acquire("a", "ann")
    assert.deepStrictEqual(story.at(1, attempt, attempt), ["a: granted #1 for 8999", "a: granted #1 for 8999"])
  })

  it("does not stretch the session it comes from", () => {
    const story = new Story({ ann: 100 })
    story.at(1, acquire("a", "ann"))
    story.at(99, acquire("a2", "ann"))
    assert.deepStrictEqual(story.at(101, acquire("a3", "ann")), ["a3: SessionExpired"])
  })
})
