/** Product rule "Exactly once", sentence by sentence. */
import { assert, describe, it } from "@effect/vitest"
import { outcomesMax, releasesMax } from "../../../src/lock/RequestMemory.ts"
import { abandon, acquire, end, open, queue, release } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

const sessions = { ann: 900_000, bob: 900_000 }

describe("Exactly once: the same seq again gets the first outcome", () => {
  it("of a grant that lasts: the same grant", () => {
    const story = new Story(sessions)
    assert.deepStrictEqual(story.at(1, acquire("a", "ann", { seq: 1 })), ["a: granted #1 for 899999"])
    assert.deepStrictEqual(story.at(2, acquire("a2", "ann", { seq: 1 })), ["a2: granted #1 for 899998"])
  })

  it("of a grant that was released: its token and no time, and no second grant", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { seq: 1 }), release("r", "ann", 1, { seq: 2 }))
    assert.deepStrictEqual(story.at(3, acquire("a2", "ann", { seq: 1 })), ["a2: granted #1 for 0"])
    assert.deepStrictEqual(story.look(), "free")
  })

  it("of a grant that was released, while the same owner holds again: leaves the later grant alone", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { seq: 1 }), release("r", "ann", 1, { seq: 2 }))
    const latest = acquire("b", "ann", { seq: 3 })
    story.at(2, latest)
    assert.deepStrictEqual(story.at(3, acquire("a2", "ann", { seq: 1 })), ["a2: granted #1 for 0"])
    assert.deepStrictEqual(story.at(4, abandon("x", latest)), ["x: withdrawn"])
  })

  it("of a grant that its maxHold ended", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { seq: 1, maxHoldMillis: 10 }))
    assert.deepStrictEqual(story.at(12, acquire("a2", "ann", { seq: 1, maxHoldMillis: 10 })), ["a2: granted #1 for 0"])
  })

  it("of a refusal, though the lock is free by now", () => {
    const story = new Story(sessions)
    assert.deepStrictEqual(story.at(1, acquire("b", "bob"), acquire("a", "ann", { seq: 1 })), [
      "b: granted #1 for 899999",
      "a: held by bob#1"
    ])
    story.at(2, release("r", "bob", 1))
    assert.deepStrictEqual(story.at(3, acquire("a2", "ann", { seq: 1 })), ["a2: free"])
    assert.deepStrictEqual(story.look(), "free")
  })

  it("of a wait that timed out, though the lock is free by now", () => {
    const story = new Story(sessions)
    story.at(1, acquire("b", "bob"), acquire("a", "ann", { seq: 1, waitMillis: 10 }))
    assert.deepStrictEqual(story.at(12, release("r", "bob", 1)), ["a: WaitTimedOut", "r: Released"])
    assert.deepStrictEqual(story.at(13, queue("a2", "ann", { seq: 1 })), ["a2: WaitTimedOut"])
  })

  it("of a mode conflict, though the lock is free by now", () => {
    const story = new Story(sessions)
    story.at(1, acquire("b", "bob", { permits: 3 }))
    assert.deepStrictEqual(story.at(2, acquire("a", "ann", { seq: 1 })), ["a: conflict with exclusive 3"])
    story.at(3, release("r", "bob", 1))
    assert.deepStrictEqual(story.at(4, acquire("a2", "ann", { seq: 1 })), ["a2: conflict with exclusive 3"])
  })

  it("of a release", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann"))
    assert.deepStrictEqual(story.at(2, release("r", "ann", 1, { seq: 1 })), ["r: Released"])
    assert.deepStrictEqual(story.at(3, acquire("b", "bob"), release("r2", "ann", 1, { seq: 1 })), [
      "b: granted #2 for 899997",
      "r2: Released"
    ])
    assert.deepStrictEqual(story.look(), "held by bob#2")
  })

  it("of a release that was none, though its token is of a grant by now", () => {
    const story = new Story(sessions)
    assert.deepStrictEqual(story.at(1, release("r", "ann", 1, { seq: 1 })), ["r: NotHolder"])
    assert.deepStrictEqual(story.at(2, acquire("a", "ann"), release("r2", "ann", 1, { seq: 1 })), [
      "a: granted #1 for 899998",
      "r2: NotHolder"
    ])
    assert.deepStrictEqual(story.look(), "held by ann#1")
  })

  it("while it still waits is a retry", () => {
    const story = new Story(sessions)
    story.at(1, acquire("b", "bob"), queue("a", "ann", { seq: 1 }))
    assert.deepStrictEqual(story.at(2, queue("a2", "ann", { seq: 1 })), ["a: Superseded"])
    assert.deepStrictEqual(story.at(3, release("r", "bob", 1)), ["r: Released", "a2: granted #2 for 899997"])
  })

  it("also when several seqs have waited as retries of each other", () => {
    const story = new Story(sessions)
    story.at(1, acquire("b", "bob"), queue("a", "ann", { seq: 1 }))
    story.at(2, queue("a2", "ann", { seq: 2 }), queue("a3", "ann"), release("r", "bob", 1))
    story.at(3, release("r2", "ann", 2, { seq: 3 }))
    assert.deepStrictEqual(story.at(4, acquire("c", "ann", { seq: 1 }), acquire("c2", "ann", { seq: 2 })), [
      "c: granted #2 for 0",
      "c2: granted #2 for 0"
    ])
  })

  it("also of a retry that found the grant made", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { seq: 1 }), acquire("a2", "ann", { seq: 2 }), release("r", "ann", 1))
    assert.deepStrictEqual(story.at(2, acquire("c", "ann", { seq: 2 })), ["c: granted #1 for 0"])
  })

  it("a mode conflict of a seq that waits already leaves what it waits for", () => {
    const story = new Story(sessions)
    story.at(1, acquire("b", "bob"), queue("a", "ann", { seq: 1 }))
    assert.deepStrictEqual(story.at(2, acquire("a2", "ann", { seq: 1, mode: "shared" })), [
      "a2: conflict with exclusive 1"
    ])
    assert.deepStrictEqual(story.at(3, queue("a3", "ann", { seq: 1 })), ["a: Superseded"])
    assert.deepStrictEqual(story.at(4, release("r", "bob", 1)), ["r: Released", "a3: granted #2 for 899996"])
    assert.deepStrictEqual(story.at(5, acquire("a4", "ann", { seq: 1 })), ["a4: granted #2 for 899995"])
  })

  it("seqs that retry in turn are kept once each, and not past their seqDone", () => {
    const story = new Story(sessions)
    story.at(1, acquire("b", "bob"), ...[1, 2, 1, 2, 3, 2].map((seq, i) => queue(`a${i}`, "ann", { seq })))
    assert.include(story.table.digest(), `"seq":2,"olderSeqs":[1,3]`)
    story.at(2, queue("c", "ann", { seq: 4, seqDone: 1 }))
    assert.include(story.table.digest(), `"seq":4,"olderSeqs":[3,2]`)
  })
})

describe("Exactly once: a seq belongs to one request", () => {
  it.each([
    ["an acquire of another lock", acquire("x", "ann", { lock: "other", seq: 1 })],
    ["an acquire by another owner", acquire("x", "ann", { owner: "o", seq: 1 })],
    ["a release", release("x", "ann", 1, { seq: 1 })]
  ])("and %s that reuses it is told so instead of another's outcome", (_, command) => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { seq: 1 }))
    assert.deepStrictEqual(story.at(2, command), ["x: RequestStale"])
    assert.deepStrictEqual(story.look(), "held by ann#1")
    assert.deepStrictEqual(story.look("other"), "free")
  })

  it.each([
    ["an acquire of another lock", acquire("x", "ann", { lock: "other", seq: 1 })],
    ["a release", release("x", "ann", 1, { seq: 1 })]
  ])("and %s that reuses it while it waits does nothing", (_, command) => {
    const story = new Story(sessions)
    story.at(1, acquire("b", "bob"), queue("a", "ann", { seq: 1 }))
    assert.deepStrictEqual(story.at(2, command), ["x: RequestStale"])
    assert.deepStrictEqual(story.look(), "held by bob#1, 1 wait")
  })

  it.each([
    ["an acquire", acquire("x", "ann", { seq: 1 })],
    ["a release of another token", release("x", "ann", 2, { seq: 1 })],
    ["a release of another lock", release("x", "ann", 1, { seq: 1, lock: "other" })]
  ])("and %s that reuses the seq of a release does nothing", (_, command) => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann"), release("r", "ann", 1, { seq: 1 }), acquire("a2", "ann"))
    assert.deepStrictEqual(story.at(2, command), ["x: RequestStale"])
    assert.deepStrictEqual(story.look(), "held by ann#2")
  })
})

describe("Exactly once: one at or below the highest seqDone seen gets request-stale and does nothing", () => {
  it.each([1, 2])("acquire with seq %i", (seq) => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { seq: 3, seqDone: 2 }))
    assert.deepStrictEqual(story.at(2, acquire("b", "ann", { lock: "other", seq })), ["b: RequestStale"])
    assert.deepStrictEqual(story.look("other"), "free")
  })

  it("not even to the queue", () => {
    const story = new Story(sessions)
    story.at(1, acquire("b", "bob"), queue("a", "ann", { seq: 1 }), release("z", "ann", 9, { seqDone: 1 }))
    assert.deepStrictEqual(story.at(2, acquire("a2", "ann", { seq: 1 })), ["a2: RequestStale"])
    assert.deepStrictEqual(story.look(), "held by bob#1, 1 wait")
    assert.deepStrictEqual(story.at(3, release("r", "bob", 1)), ["r: Released", "a: granted #2 for 899997"])
  })

  it("release", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { seq: 2, seqDone: 1 }))
    assert.deepStrictEqual(story.at(2, release("r", "ann", 1, { seq: 1 })), ["r: RequestStale"])
    assert.deepStrictEqual(story.look(), "held by ann#1")
  })

  it("and a request that calls itself done is stale, and its seqDone is not seen", () => {
    const story = new Story(sessions)
    assert.deepStrictEqual(story.at(1, acquire("a", "ann", { seq: 3, seqDone: 5 })), ["a: RequestStale"])
    assert.deepStrictEqual(story.at(2, acquire("b", "ann", { seq: 4 })), ["b: granted #1 for 899998"])
  })

  it("the highest counts, not the latest", () => {
    const story = new Story(sessions)
    story.at(1, release("z", "ann", 9, { seqDone: 5 }), release("z2", "ann", 9, { seqDone: 2 }))
    assert.deepStrictEqual(story.at(2, acquire("a", "ann", { seq: 4 })), ["a: RequestStale"])
  })

  it("a seq that was done while it waited leaves no outcome, and its wait goes on", () => {
    const story = new Story(sessions)
    story.at(1, acquire("b", "bob"), queue("a", "ann", { seq: 1 }))
    story.at(2, queue("a2", "ann", { seq: 2 }), release("z", "ann", 9, { seqDone: 2 }), release("r", "bob", 1))
    assert.deepStrictEqual(story.look(), "held by ann#2")
    assert.include(story.table.digest(), `"seqDone":2,"outcomes":[]`)
  })

  it("ends with the session", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann", { seq: 3, seqDone: 2 }), end("ann"), open("ann", 1_000))
    assert.deepStrictEqual(story.at(2, acquire("b", "ann", { seq: 1 })), ["b: granted #2 for 999"])
  })
})

describe("Exactly once: a session keeps at most 4,096 outcomes, then too-many-outcomes", () => {
  const full = () => {
    const story = new Story(sessions)
    story.at(1, acquire("b", "bob", { lock: "held" }))
    story.at(
      2,
      ...Array.from({ length: outcomesMax - 1 }, (_, seq) => acquire(`a${seq}`, "ann", { lock: "held", seq }))
    )
    return story
  }

  it("the 4,096th is kept, the next does nothing", () => {
    const story = full()
    assert.deepStrictEqual(story.at(3, acquire("last", "ann", { seq: 4_095 })), ["last: granted #2 for 899997"])
    assert.deepStrictEqual(story.at(4, acquire("x", "ann", { lock: "other", seq: 4_096 })), ["x: TooManyOutcomes"])
    assert.deepStrictEqual(story.at(5, release("x", "ann", 2, { seq: 4_096 })), ["x: TooManyOutcomes"])
    assert.deepStrictEqual(story.look(), "held by ann#2")
    assert.deepStrictEqual(story.look("other"), "free")
  })

  it("an acquire that waits takes a place as well", () => {
    const story = full()
    assert.deepStrictEqual(
      story.at(3, queue("w", "ann", { lock: "held", seq: 4_095 }), acquire("x", "ann", { seq: 4_096 })),
      [
        "x: TooManyOutcomes"
      ]
    )
  })

  it("those it has are still answered", () => {
    const story = full()
    story.at(3, acquire("last", "ann", { seq: 4_095 }))
    assert.deepStrictEqual(story.at(4, acquire("y", "ann", { lock: "held", seq: 7 })), ["y: held by bob#1"])
  })

  it.each([0, 4_094])("the seqDone of the request itself makes room: %i", (seqDone) => {
    const story = full()
    story.at(3, acquire("last", "ann", { seq: 4_095 }))
    assert.deepStrictEqual(story.at(4, acquire("x", "ann", { lock: "other", seq: 4_096, seqDone })), [
      "x: granted #3 for 899996"
    ])
    assert.deepStrictEqual(
      story.at(5, acquire("y", "ann", { lock: "held", seq: seqDone }), acquire("z", "ann", { seq: 4_095 })),
      [
        "y: RequestStale",
        "z: granted #2 for 899995"
      ]
    )
  })

  it("without a seq nothing is kept, and nothing refused", () => {
    const story = full()
    story.at(3, acquire("last", "ann", { seq: 4_095 }))
    assert.deepStrictEqual(story.at(4, acquire("x", "ann", { lock: "other" })), ["x: granted #3 for 899996"])
  })
})

describe("Exactly once: without seq", () => {
  it("only a request whose (lock, session, owner) still holds or waits is recognised", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann"), release("r", "ann", 1))
    assert.deepStrictEqual(story.at(2, acquire("a", "ann")), ["a: granted #2 for 899998"])
  })

  it("a release is answered again, as one of the last 128 of its session", () => {
    const story = new Story(sessions)
    const cycle = (i: number) => [acquire(`a${i}`, "ann"), release(`r${i}`, "ann", i)]
    story.at(1, ...Array.from({ length: releasesMax }, (_, i) => cycle(i + 1)).flat())
    assert.deepStrictEqual(story.at(2, release("again", "ann", 1)), ["again: Released"])
    story.at(3, ...cycle(releasesMax + 1))
    assert.deepStrictEqual(story.at(4, release("x", "ann", 1), release("y", "ann", 2)), ["x: NotHolder", "y: Released"])
  })

  it.each([
    ["another lock", release("x", "ann", 1, { lock: "other" })],
    ["another owner", release("x", "ann", 1, { owner: "o" })],
    ["another token", release("x", "ann", 2)],
    ["another session", release("x", "bob", 1)]
  ])("a remembered release does not answer for %s", (_, command) => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann"), release("r", "ann", 1))
    assert.deepStrictEqual(story.at(2, release("r2", "ann", 1, { owner: "" })), ["r2: Released"])
    assert.deepStrictEqual(story.at(3, command), ["x: NotHolder"])
  })
})
