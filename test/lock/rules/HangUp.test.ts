/** Product rule "Hang-up", sentence by sentence, and design §4 "Attempts". */
import { assert, describe, it } from "@effect/vitest"
import { abandon, acquire, end, name, queue, release } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

describe("Hang-up: a node withdraws that attempt", () => {
  it("and a waiter leaves the queue", () => {
    const story = new Story({ ann: 9_000, bob: 9_000 })
    const attempt = queue("b", "bob")
    story.at(1, acquire("a", "ann"), attempt)
    assert.deepStrictEqual(story.at(2, abandon("x", attempt)), ["b: withdrawn", "x: withdrawn"])
    assert.deepStrictEqual(story.look(), "held by ann#1")
  })

  it("and a grant is given to the next, without lock-delay", () => {
    const story = new Story({ ann: 9_000, bob: 9_000 })
    const attempt = acquire("a", "ann", { lockDelayMillis: 500 })
    story.at(1, attempt, queue("b", "bob"))
    assert.deepStrictEqual(story.at(2, abandon("x", attempt)), ["x: withdrawn", "b: granted #2 for 8998"])
  })

  it.each([
    ["waits", [acquire("b", "bob")], "held by bob#1, 1 wait"],
    ["holds", [], "held by ann#1"]
  ])("never a retry that came another way and %s", (_, before, look) => {
    const story = new Story({ ann: 9_000, bob: 9_000 })
    const attempt = queue("a", "ann")
    story.at(1, ...before, attempt, queue("a2", "ann"))
    assert.deepStrictEqual(story.at(2, abandon("x", attempt)), ["x: not withdrawn"])
    assert.deepStrictEqual(story.look(), look)
  })

  it("and what is over is not touched", () => {
    const story = new Story({ ann: 9_000 })
    const attempt = acquire("a", "ann")
    story.at(1, attempt, release("r", "ann", 1))
    assert.deepStrictEqual(story.at(2, abandon("x", attempt)), ["x: not withdrawn"])
    assert.deepStrictEqual(story.at(3, end("ann"), abandon("y", attempt)), [
      "end ann: SessionEnded",
      "y: not withdrawn"
    ])
  })

  it("nor another lock or owner", () => {
    const story = new Story({ ann: 9_000 })
    const attempt = acquire("a", "ann")
    story.at(1, attempt)
    const misled = abandon("x", attempt)
    assert.deepStrictEqual(story.at(2, { ...misled, lock: name("other") }, { ...misled, owner: "o" }), [
      "x: not withdrawn",
      "x: not withdrawn"
    ])
    assert.deepStrictEqual(story.look(), "held by ann#1")
  })

  it("an abandoned attempt leaves no outcome: the same seq starts anew", () => {
    const story = new Story({ ann: 9_000, bob: 9_000 })
    const waiting = queue("b", "bob", { seq: 1 })
    const holding = acquire("a", "ann", { seq: 1 })
    story.at(1, holding, waiting)
    story.at(2, abandon("x", waiting), abandon("y", holding))
    assert.deepStrictEqual(story.at(3, acquire("b2", "bob", { seq: 1 })), ["b2: granted #2 for 8997"])
    assert.deepStrictEqual(story.at(4, acquire("a2", "ann", { seq: 1 })), ["a2: held by bob#2"])
  })

  it("an abandoned waiter leaves none for the attempts it took the place of either", () => {
    const story = new Story({ ann: 9_000, bob: 9_000 })
    const latest = queue("b2", "bob", { seq: 2 })
    story.at(1, acquire("a", "ann"), queue("b", "bob", { seq: 1 }), latest)
    story.at(2, abandon("x", latest), release("r", "ann", 1))
    assert.include(story.table.digest(), `"outcomes":[]`)
    assert.deepStrictEqual(story.at(3, acquire("b3", "bob", { seq: 1 })), ["b3: granted #2 for 8997"])
  })

  it("a waiter whose node died keeps its place until a retry", () => {
    const story = new Story({ ann: 9_000, bob: 9_000, cy: 9_000 })
    story.at(1, acquire("a", "ann"), queue("dead/1", "bob"), queue("c", "cy"))
    assert.deepStrictEqual(story.at(2, queue("alive/1", "bob")), ["dead/1: Superseded"])
    assert.deepStrictEqual(story.at(3, release("r", "ann", 1)), ["r: Released", "alive/1: granted #2 for 8997"])
  })
})

describe("Hang-up: of several attempts that were told of one grant", () => {
  const told = (count: number, seq: (nth: number) => number = () => 1) => {
    const story = new Story({ ann: 9_000, bob: 9_000 })
    const attempts = Array.from({ length: count }, (_, i) => acquire(`a${i}`, "ann", { seq: seq(i) }))
    story.at(1, ...attempts)
    return { story, attempts }
  }

  it.each([0, 1])(
    "the end of one, be it number %i, leaves the grant to the other, whose answer the client has",
    (nth) => {
      const { attempts, story } = told(2)
      assert.deepStrictEqual(story.at(2, abandon("x", attempts[nth]!)), ["x: not withdrawn"])
      assert.deepStrictEqual(story.look(), "held by ann#1")
      assert.deepStrictEqual(story.at(3, acquire("c", "ann", { seq: 1 })), ["c: granted #1 for 8997"])
    }
  )

  it("a copy of an old link's attempt that the log takes late cannot free what the newer was granted", () => {
    const story = new Story({ ann: 9_000, bob: 9_000 })
    const [old, newer] = [queue("old", "ann"), queue("newer", "ann")]
    story.at(1, acquire("b", "bob"), old, newer, release("r", "bob", 1))
    assert.deepStrictEqual(story.at(2, old, abandon("x", old)), ["old: granted #2 for 8998", "x: not withdrawn"])
    assert.deepStrictEqual(story.look(), "held by ann#2")
  })

  it.each([[0, 1], [1, 0]])(
    "the end of all of them, in the order %i, %i, frees it and leaves no outcome",
    (one, other) => {
      const { attempts, story } = told(2, (nth) => nth + 1)
      story.at(2, abandon("x", attempts[one]!))
      assert.deepStrictEqual(story.at(3, abandon("y", attempts[other]!)), ["y: withdrawn"])
      assert.include(story.table.digest(), `"outcomes":[]`)
      assert.deepStrictEqual(story.at(4, acquire("c", "ann", { seq: 1 })), ["c: granted #2 for 8996"])
    }
  )

  it("an abandon that comes twice counts once", () => {
    const { attempts, story } = told(2)
    const abandoned = abandon("x", attempts[0]!)
    assert.deepStrictEqual(story.at(2, abandoned, abandoned), ["x: not withdrawn", "x: not withdrawn"])
    assert.deepStrictEqual(story.look(), "held by ann#1")
  })

  it("an attempt that is sent twice counts once", () => {
    const { attempts, story } = told(2)
    story.at(2, attempts[0]!, attempts[0]!, abandon("x", attempts[1]!))
    assert.deepStrictEqual(story.at(3, abandon("y", attempts[0]!)), ["y: withdrawn"])
  })

  it("so many that they are not kept by name leave it until it is released or its session ends", () => {
    const { attempts, story } = told(12)
    story.at(2, ...attempts.map((attempt) => abandon("x", attempt)))
    assert.deepStrictEqual(story.look(), "held by ann#1")
    assert.deepStrictEqual(story.at(3, release("r", "ann", 1)), ["r: Released"])
  })
})
