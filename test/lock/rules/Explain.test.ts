/** Why one waits, and for how long: the queue in order, what is typical, what is certain, and what nobody can say. */
import { assert, describe, it } from "@effect/vitest"
import { acquire, name, open, queue, release } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

const sessions = { ann: 900_000, bob: 900_000, cy: 900_000, dee: 900_000 }

/** Three holds that took 10, 20 and 30. */
const experienced = () => {
  const story = new Story(sessions)
  for (const [token, start, held] of [[1, 100, 10], [2, 200, 20], [3, 300, 30]] as const) {
    story.table.apply(start, [acquire("a", "ann")], { wallMillis: start, historyMax: 100 })
    story.at(start + held, release("r", "ann", token))
  }
  return story
}

const explain = (story: Story, now = story.table.time) => story.table.explain(name("l"), now)

const waits = (story: Story, now?: number) => explain(story, now).queue.map(({ estimateMillis }) => estimateMillis)

describe("An explanation shows", () => {
  it("the lock and its queue in order, with what each has waited and when it gives up", () => {
    const story = new Story(sessions)
    story.at(
      1,
      acquire("a", "ann"),
      queue("b", "bob", { owner: "o" }),
      acquire("c", "cy", { mode: "shared", waitMillis: 50 })
    )
    const { queue: waiting, view } = explain(story, 11)
    assert.deepStrictEqual(view, story.table.lock(name("l"), 11))
    assert.deepStrictEqual(waiting.map(({ label, mode, owner }) => [label, owner, mode]), [
      ["bob", "o", "exclusive"],
      ["cy", "", "shared"]
    ])
    assert.deepStrictEqual(waiting.map(({ waitEndsInMillis, waitedMillis }) => [waitedMillis, waitEndsInMillis]), [
      [10, 999_990],
      [10, 40]
    ])
  })

  it("that a lock which nobody has to do with can be had at once", () => {
    const { atMostMillis, estimateMillis, queue: waiting } = explain(new Story(sessions))
    assert.deepStrictEqual([waiting, estimateMillis, atMostMillis], [[], 0, 0])
  })
})

describe("An estimate", () => {
  it("is what holds typically took, one behind the other", () => {
    const story = experienced()
    story.at(1_000, acquire("a", "ann"), queue("b", "bob"), queue("c", "cy"))
    assert.deepStrictEqual(waits(story), [20, 40])
    assert.deepInclude(explain(story), { typicalHoldMillis: 20, holdsSeen: 3, estimateMillis: 60 })
  })

  it("takes a holder who had it for some time as one of those who had it for longer", () => {
    const story = experienced()
    story.at(1_000, acquire("a", "ann"), queue("b", "bob"))
    assert.deepStrictEqual(waits(story, 1_015), [15])
    assert.deepStrictEqual(waits(story, 1_025), [5])
  })

  it("is none when nobody has had it for so long, or at all", () => {
    const story = experienced()
    story.at(1_000, acquire("a", "ann"), queue("b", "bob"))
    assert.deepStrictEqual(waits(story, 1_030), [null])
    assert.strictEqual(explain(story, 1_030).estimateMillis, null)
    const fresh = new Story(sessions)
    fresh.at(1, acquire("a", "ann"), queue("b", "bob"))
    assert.deepStrictEqual(waits(fresh), [null])
  })

  it("lets readers in together, and permits be shared", () => {
    const story = experienced()
    const shared = { mode: "shared" } as const
    story.at(1_000, acquire("a", "ann"), queue("b", "bob", shared), queue("c", "cy", shared), queue("d", "dee"))
    assert.deepStrictEqual(waits(story), [20, 20, 40])
    const wide = experienced()
    const two = { permits: 2 }
    wide.at(1_000, acquire("a", "ann", two), queue("b", "bob", two), queue("c", "cy", two), queue("d", "dee", two))
    assert.deepStrictEqual(waits(wide), [20, 20])
    assert.strictEqual(explain(wide).estimateMillis, 40)
  })

  it("does not count on those who will have given up by then", () => {
    const story = experienced()
    story.at(1_000, acquire("a", "ann"), acquire("b", "bob", { waitMillis: 5 }), queue("c", "cy"))
    assert.deepStrictEqual(waits(story), [20, 20])
  })

  it("says what the wait is at most when every hold has an end, its lock-delay included", () => {
    const story = new Story(sessions)
    const short = { maxHoldMillis: 100, lockDelayMillis: 7 }
    story.at(1, acquire("a", "ann", short), queue("b", "bob", short))
    assert.deepInclude(explain(story, 51), { atMostMillis: 51 + 8 + 101 + 8, estimateMillis: null })
    story.at(52, queue("c", "cy"))
    assert.strictEqual(explain(story).atMostMillis, null)
    // And when each holds it to the end, the last stamp that keeps it and the first that does not.
    assert.deepStrictEqual([102, 109].flatMap((time) => story.at(time)), [])
    assert.deepStrictEqual(story.at(110), ["b: granted #2 for 100, hold ends in 100"])
    assert.deepStrictEqual([211, 218].flatMap((time) => story.at(time)), [])
    assert.deepStrictEqual(story.at(51 + 168), ["c: granted #3 for 899781"])
  })

  it("waits for a lock-delay, and for a restored cluster to begin to grant", () => {
    const story = new Story({ ...sessions, eve: 100 })
    story.at(1, acquire("a", "eve", { lockDelayMillis: 50 }), queue("b", "bob"))
    story.at(101)
    assert.deepStrictEqual(waits(story), [51])
    story.table.afterRestore({ time: 0, tokensAbove: 0, grantNow: false })
    story.at(111, open("bob", 900_000), queue("b", "bob"))
    assert.deepStrictEqual(waits(story), [900_000 - 10])
  })
})
