/** Product rule "Permits", and promise 1: one exclusive holder, or shared holders only, or at most `permits`. */
import { assert, describe, it } from "@effect/vitest"
import { acquire, end, name, queue, release } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

const sessions = { ann: 9_000, bob: 9_000, cy: 9_000, dee: 9_000 }

describe("Permits: the lock's limit", () => {
  it("is 1 for a plain lock", () => {
    const story = new Story(sessions)
    assert.deepStrictEqual(story.at(1, acquire("a", "ann"), acquire("b", "bob")), [
      "a: granted #1 for 8999",
      "b: held by ann#1"
    ])
  })

  it("lets that many hold together, each with a token of its own", () => {
    const story = new Story(sessions)
    assert.deepStrictEqual(story.at(1, ...["ann", "bob", "cy"].map((who) => acquire(who, who, { permits: 2 }))), [
      "ann: granted #1 for 8999",
      "bob: granted #2 for 8999",
      "cy: held by ann#1 bob#2"
    ])
    assert.deepStrictEqual(story.at(2, release("r", "ann", 1), acquire("c", "cy", { permits: 2 })), [
      "r: Released",
      "c: granted #3 for 8998"
    ])
  })

  it("is taken once for each grant, also by two owners of one session", () => {
    const story = new Story(sessions)
    const take = (owner: string) => acquire(owner, "ann", { owner, permits: 2 })
    assert.deepStrictEqual(story.at(1, take("x"), take("y"), take("z")), [
      "x: granted #1 for 8999",
      "y: granted #2 for 8999",
      "z: held by ann#1 ann#2"
    ])
  })

  it("wakes as many waiters as permits come free", () => {
    const story = new Story(sessions)
    const take = (owner: string) => queue(owner, "ann", { owner, permits: 3 })
    story.at(1, ...["1", "2", "3"].map((owner) => acquire(owner, "bob", { owner, permits: 3 })))
    story.at(2, take("a"), take("b"), take("c"), take("d"))
    assert.deepStrictEqual(story.at(3, release("r", "bob", 2)), ["r: Released", "a: granted #4 for 8997"])
    assert.deepStrictEqual(story.at(4, end("bob")), [
      "end bob: SessionEnded",
      "b: granted #5 for 8996",
      "c: granted #6 for 8996"
    ])
  })

  it("is set by the acquire that finds the lock idle and kept until it is idle again", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { permits: 2 }), acquire("b", "bob", { permits: 2 }), release("r", "ann", 1))
    assert.deepStrictEqual(story.table.lock(name("l"), 1).permits, 2)
    assert.deepStrictEqual(story.at(2, acquire("c", "cy", { permits: 3 })), ["c: conflict with exclusive 2"])
    assert.deepStrictEqual(story.at(3, release("r2", "bob", 2), acquire("c", "cy", { permits: 3 })), [
      "r2: Released",
      "c: granted #3 for 8997"
    ])
    assert.deepStrictEqual(story.table.lock(name("l"), 3).permits, 3)
  })

  it("is kept by a lock-delay alone", () => {
    const story = new Story({ ann: 100, bob: 9_000 })
    story.at(1, acquire("a", "ann", { permits: 2, lockDelayMillis: 50 }))
    assert.deepStrictEqual(story.at(101, acquire("b", "bob")), ["b: conflict with exclusive 2"])
    assert.deepStrictEqual(story.at(152, acquire("b", "bob")), ["b: granted #2 for 8848"])
  })
})

describe("Permits: another limit is a mode conflict", () => {
  it.each(
    [
      ["a wider one", { permits: 2 }, { permits: 3 }, "exclusive 2"],
      ["a narrower one", { permits: 2 }, {}, "exclusive 2"],
      ["a semaphore of a plain lock", {}, { permits: 2 }, "exclusive 1"],
      ["a reader, whose limit is 1, of a semaphore", { permits: 2 }, { mode: "shared" }, "exclusive 2"],
      ["a semaphore of a lock with readers", { mode: "shared" }, { permits: 2 }, "shared 1"]
    ] as const
  )("%s", (_, first, second, conflict) => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", first))
    assert.deepStrictEqual(story.at(2, queue("b", "bob", second)), [`b: conflict with ${conflict}`])
    assert.deepStrictEqual(story.look(), "held by ann#1")
  })

  it("also by the same (session, owner), whose claim stays as it is", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann"), queue("b", "bob"))
    assert.deepStrictEqual(story.at(2, queue("b2", "bob", { permits: 2 })), ["b2: conflict with exclusive 1"])
    assert.deepStrictEqual(story.at(3, release("r", "ann", 1)), ["r: Released", "b: granted #2 for 8997"])
  })

  it("shared means a limit of 1, whatever it says", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { mode: "shared", permits: 7 }))
    assert.deepStrictEqual(story.at(2, queue("b", "bob"), release("r", "ann", 1)), [
      "r: Released",
      "b: granted #2 for 8998"
    ])
  })
})

describe("Permits: another mode by the same (session, owner) is a mode conflict", () => {
  it("while it holds", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { mode: "shared" }))
    assert.deepStrictEqual(story.at(2, queue("b", "ann")), ["b: conflict with shared 1"])
    assert.deepStrictEqual(story.look(), "held by ann#1")
  })

  it("while it waits: what it waits for is told, not what is held", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann"), queue("b", "bob", { mode: "shared" }))
    assert.deepStrictEqual(story.at(2, queue("c", "bob")), ["c: conflict with shared 1"])
    assert.deepStrictEqual(story.at(3, release("r", "ann", 1)), ["r: Released", "b: granted #2 for 8997"])
  })

  it("and for another owner or session it just queues", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { mode: "shared" }))
    assert.deepStrictEqual(story.at(2, queue("b", "ann", { owner: "o" }), queue("c", "bob")), [])
    assert.deepStrictEqual(story.look(), "held by ann#1, 2 wait")
  })
})

describe("Promise 1: modes", () => {
  it("shared holders hold together", () => {
    const story = new Story(sessions)
    const read = (who: string) => acquire(who, who, { mode: "shared" })
    story.at(1, read("ann"), read("bob"), read("cy"))
    assert.deepStrictEqual(story.look(), "held by ann#1 bob#2 cy#3")
  })

  it("shared keeps exclusive out, exclusive keeps shared out", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { mode: "shared" }), acquire("b", "bob", { lock: "m" }))
    assert.deepStrictEqual(story.at(2, acquire("c", "cy"), acquire("d", "cy", { lock: "m", mode: "shared" })), [
      "c: held by ann#1",
      "d: held by bob#2"
    ])
  })

  it("a writer waits for the last reader", () => {
    const story = new Story(sessions)
    const read = (who: string) => acquire(who, who, { mode: "shared" })
    story.at(1, read("ann"), read("bob"), queue("c", "cy"))
    assert.deepStrictEqual(story.at(2, release("r", "ann", 1)), ["r: Released"])
    assert.deepStrictEqual(story.at(3, release("r", "bob", 2)), ["r: Released", "c: granted #3 for 8997"])
  })
})
