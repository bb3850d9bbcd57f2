/** Product rule "Order" and promise 7: the queue is FIFO and nobody passes it. */
import { assert, describe, it } from "@effect/vitest"
import { abandon, acquire, end, queue, release, tick } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

const sessions = { ann: 9_000, bob: 9_000, cy: 9_000, dee: 9_000, eve: 9_000 }
const shared = { mode: "shared" } as const

describe("Order: grants follow the order in which the log accepted the waiters", () => {
  it("one after the other, each at the release of the one before", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann"), queue("b", "bob"), queue("c", "cy"))
    assert.deepStrictEqual(story.at(2, release("r", "ann", 1)), ["r: Released", "b: granted #2 for 8998"])
    assert.deepStrictEqual(story.at(3, release("r", "bob", 2)), ["r: Released", "c: granted #3 for 8997"])
    assert.deepStrictEqual(story.at(4, release("r", "cy", 3)), ["r: Released"])
  })

  it("a run of readers at the head is granted together, up to the next writer", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann"), queue("b", "bob", shared), queue("c", "cy", shared))
    story.at(2, queue("d", "dee"), queue("e", "eve", shared))
    assert.deepStrictEqual(story.at(3, release("r", "ann", 1)), [
      "r: Released",
      "b: granted #2 for 8997",
      "c: granted #3 for 8997"
    ])
    assert.deepStrictEqual(story.at(4, end("bob"), end("cy")), [
      "end bob: SessionEnded",
      "end cy: SessionEnded",
      "d: granted #4 for 8996"
    ])
    assert.deepStrictEqual(story.at(5, end("dee")), ["end dee: SessionEnded", "e: granted #5 for 8995"])
  })

  it("a release and an acquire in one entry take their turns", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann"), queue("b", "bob"))
    assert.deepStrictEqual(story.at(2, release("r", "ann", 1), acquire("c", "cy")), [
      "r: Released",
      "b: granted #2 for 8998",
      "c: held by bob#2"
    ])
  })
})

describe("Order: nobody passes a queue", () => {
  it("waitMillis 0 behind waiters is lock-held", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", shared), queue("b", "bob"))
    assert.deepStrictEqual(story.at(2, acquire("c", "cy", shared)), ["c: held by ann#1, 1 wait"])
  })

  it("a stream of readers does not starve a writer", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", shared), queue("b", "bob"), queue("c", "cy", shared))
    assert.deepStrictEqual(story.at(2, release("r", "ann", 1)), ["r: Released", "b: granted #2 for 8998"])
    assert.deepStrictEqual(story.at(3, release("r", "bob", 2)), ["r: Released", "c: granted #3 for 8997"])
  })

  it("not even when the queue could let it through: permits are free but the head is another", () => {
    const story = new Story(sessions)
    story.at(
      1,
      acquire("a", "ann", { permits: 2 }),
      acquire("b", "bob", { permits: 2 }),
      queue("c", "cy", { permits: 2 })
    )
    assert.deepStrictEqual(
      story.at(2, queue("d", "dee", { permits: 2 }), release("r", "ann", 1), acquire("e", "eve", { permits: 2 })),
      [
        "r: Released",
        "c: granted #3 for 8998",
        "e: held by bob#2 cy#3, 1 wait"
      ]
    )
  })
})

describe("Order: a waiter that leaves unblocks those behind it", () => {
  const writer = queue("b", "bob", { waitMillis: 50 })

  it.each([
    ["by its deadline", 52, tick, ["b: WaitTimedOut"]],
    ["by waitMillis 0", 10, acquire("b2", "bob"), ["b: Superseded", "b2: held by ann#1 cy#2 dee#3"]],
    ["by the end of its session", 10, end("bob"), ["b: SessionExpired", "end bob: SessionEnded"]],
    ["by hang-up", 10, abandon("x", writer), ["b: withdrawn", "x: withdrawn"]]
  ])("%s", (_, time, leaves, lines) => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", shared), writer, queue("c", "cy", shared), queue("d", "dee", shared))
    const granted = [`c: granted #2 for ${9_000 - time}`, `d: granted #3 for ${9_000 - time}`]
    assert.sameMembers([...story.at(time, leaves)], [...lines, ...granted])
    assert.deepStrictEqual(story.look(), "held by ann#1 cy#2 dee#3")
  })

  it("but one that leaves from behind unblocks nobody", () => {
    const story = new Story(sessions)
    story.at(
      1,
      acquire("a", "ann", shared),
      queue("b", "bob"),
      acquire("c", "cy", { waitMillis: 10 }),
      queue("d", "dee", shared)
    )
    assert.deepStrictEqual(story.at(11), [])
    assert.deepStrictEqual(story.at(12), ["c: WaitTimedOut"])
    assert.deepStrictEqual(story.look(), "held by ann#1, 2 wait")
  })
})

describe("A waiter that will not be served is not granted", () => {
  it("whose own wait ends with the very stamp that frees the lock", () => {
    const story = new Story({ ann: 100, bob: 9_000, cy: 9_000 })
    story.at(1, acquire("a", "ann"), acquire("b", "bob", { waitMillis: 110 }), queue("c", "cy"))
    assert.deepStrictEqual(story.at(200), ["b: WaitTimedOut", "c: granted #2 for 8800"])
  })

  it("whose own session ends with the very stamp that frees the lock", () => {
    const story = new Story({ ann: 100, bob: 150, cy: 9_000 })
    story.at(1, acquire("a", "ann"), queue("b", "bob"), queue("c", "cy"))
    assert.deepStrictEqual(story.at(200), ["b: SessionExpired", "c: granted #2 for 8800"])
  })
})

describe("The token is raised by one for every single grant", () => {
  it("over all locks, in the order of commands and grants, and never falls back", () => {
    const story = new Story(sessions)
    assert.deepStrictEqual(story.at(1, acquire("a", "ann", { lock: "m" }), acquire("b", "bob", { lock: "k" })), [
      "a: granted #1 for 8999",
      "b: granted #2 for 8999"
    ])
    story.at(2, queue("c", "cy", { lock: "m" }), queue("d", "dee", { lock: "k" }))
    assert.deepStrictEqual(story.at(3, release("r", "bob", 2, { lock: "k" }), release("r", "ann", 1, { lock: "m" })), [
      "r: Released",
      "d: granted #3 for 8997",
      "r: Released",
      "c: granted #4 for 8997"
    ])
    story.at(4, end("ann"), end("bob"), end("cy"), end("dee"))
    assert.deepStrictEqual(story.at(5, acquire("e", "eve", { lock: "m" })), ["e: granted #5 for 8995"])
  })
})
