/** What becomes of locks is told as it happens: each beginning and each end once, in order, with its reason. */
import { assert, describe, it } from "@effect/vitest"
import type { LockCommand } from "../../../src/lock/LockCommand.ts"
import type { LockEvent } from "../../../src/lock/LockEvent.ts"
import { abandon, acquire, end, mint, queue, release, tick } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

const words = ({ kind, label, lock, millis, queueLength, reason, token }: LockEvent): string =>
  [kind, `${lock}${token === null ? "" : `#${token}`}`, label, reason, `${millis}`, `${queueLength} wait`].filter(
    Boolean
  )
    .join(" ")

/** One entry, and what it brings about. */
const at = (story: Story, time: number, ...commands: ReadonlyArray<LockCommand>) => {
  story.at(time, ...commands)
  return story.table.takeEvents().map(words)
}

const sessions = { ann: 1_000, bob: 9_000, cy: 9_000 }

describe("Events tell", () => {
  it("a grant, a wait, a release and the grant that follows, with what each took", () => {
    const story = new Story(sessions)
    assert.deepStrictEqual(at(story, 1, acquire("a", "ann"), queue("b", "bob")), [
      "granted l#1 ann 0 0 wait",
      "queued l bob 0 1 wait"
    ])
    assert.deepStrictEqual(at(story, 50, release("r", "ann", 1)), [
      "released l#1 ann released 49 1 wait",
      "granted l#2 bob 49 0 wait"
    ])
    assert.deepStrictEqual(at(story, 60, tick), [])
  })

  it("when it happened by the clock of whoever led, and nothing of it before anybody has said", () => {
    const { table } = new Story(sessions)
    table.apply(1, [acquire("a", "ann")])
    assert.deepStrictEqual(table.takeEvents().map(({ wallMillis }) => wallMillis), [0])
    table.apply(50, [release("r", "ann", 1)], { wallMillis: 1_700_000_000_123, historyMax: 10 })
    assert.deepStrictEqual(table.takeEvents().map(({ wallMillis }) => wallMillis), [1_700_000_000_123])
  })

  it("once, however often a waiter or a holder asks again", () => {
    const story = new Story(sessions)
    at(story, 1, acquire("a", "ann"), queue("b", "bob"))
    assert.deepStrictEqual(at(story, 2, acquire("a2", "ann"), queue("b2", "bob"), release("x", "cy", 1)), [])
  })

  it("nothing of an acquire that would not wait, and that a waiter which will no more has left", () => {
    const story = new Story(sessions)
    at(story, 1, acquire("a", "ann"), queue("b", "bob"))
    assert.deepStrictEqual(at(story, 5, acquire("c", "cy")), [])
    assert.deepStrictEqual(at(story, 6, acquire("b2", "bob")), ["left l bob withdrawn 5 0 wait"])
  })

  it("why a wait is over", () => {
    const story = new Story({ ann: 9_000, bob: 500, cy: 9_000, dee: 9_000, eve: 9_000 })
    const given = queue("d", "dee")
    at(
      story,
      0,
      acquire("a", "ann"),
      queue("b", "bob"),
      acquire("c", "cy", { waitMillis: 100 }),
      given,
      queue("e", "eve")
    )
    assert.deepStrictEqual(at(story, 101), ["left l cy timeout 101 3 wait"])
    assert.deepStrictEqual(at(story, 200, abandon("x", given)), ["left l dee withdrawn 200 2 wait"])
    assert.deepStrictEqual(at(story, 300, end("eve")), ["left l eve session-ended 300 1 wait"])
    assert.deepStrictEqual(at(story, 501), ["left l bob session-expired 501 0 wait"])
  })

  it("why a grant is over, once, and before what it lets happen", () => {
    const story = new Story({ ann: 9_000, bob: 500, cy: 9_000, dee: 9_000 })
    at(story, 0, acquire("a", "ann", { lock: "k", maxHoldMillis: 100 }), acquire("b", "bob", { lockDelayMillis: 50 }))
    at(story, 0, queue("c", "cy"))
    assert.deepStrictEqual(at(story, 101), ["expired k#1 ann max-hold 101 0 wait"])
    assert.deepStrictEqual(at(story, 501), ["expired l#2 bob session-expired 501 1 wait"])
    assert.deepStrictEqual(at(story, 552), ["granted l#3 cy 552 0 wait"])
    assert.deepStrictEqual(at(story, 600, end("cy")), ["released l#3 cy session-ended 48 0 wait"])
    const made = mint("m", "eve")
    at(story, 700, made)
    assert.deepStrictEqual(at(story, 710, abandon("x", made)), ["released l#4 eve withdrawn 10 0 wait"])
  })

  it("what the latest entry has brought about, once", () => {
    const story = new Story(sessions)
    story.at(1, acquire("a", "ann"))
    assert.deepStrictEqual(at(story, 2, acquire("b", "bob", { lock: "k" })), ["granted k#2 bob 0 0 wait"])
    assert.deepStrictEqual(story.table.takeEvents(), [])
  })
})
