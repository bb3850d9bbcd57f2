/** Sessions, and acquires that mint their own (product §4). */
import { assert, describe, it } from "@effect/vitest"
import { abandon, acquire, mint, open, queue, release, renew } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

describe("Sessions", () => {
  it("open, live by renewals, and expire", () => {
    const story = new Story()
    assert.deepStrictEqual(story.at(0, open("ann", 100)), ["open ann: SessionOpened for 100"])
    assert.deepStrictEqual(story.table.hasSessions, true)
    assert.deepStrictEqual(story.at(99, renew("ann")), ["renew ann: SessionRenewed for 100"])
    assert.deepStrictEqual(story.at(199), [])
    assert.deepStrictEqual(story.table.hasSessions, true)
    assert.deepStrictEqual(story.at(200, renew("ann")), ["renew ann: SessionExpired"])
    assert.deepStrictEqual(story.table.hasSessions, false)
  })

  it("a copy of an open finds the session and leaves it as it is", () => {
    const story = new Story({ ann: 100 })
    assert.deepStrictEqual(story.at(30, open("ann", 100)), ["open ann: SessionOpened for 70"])
    assert.deepStrictEqual(story.table.sessions({ limit: 9 }, 30).sessions.length, 1)
  })

  it("an acquire in an unknown session is told so", () => {
    assert.deepStrictEqual(new Story().at(1, acquire("a", "nobody")), ["a: SessionExpired"])
  })
})

describe("An acquire without a session mints its own", () => {
  it("and at the grant its TTL starts anew", () => {
    const story = new Story({ bob: 9_000 })
    assert.deepStrictEqual(story.at(1, mint("a", "m")), ["a: granted #1 for 1000"])
    assert.deepStrictEqual(
      story.at(2, queue("b", "bob"), queue("c", "n", { mint: { ttlMillis: 2_000, label: "n" } })),
      []
    )
    assert.deepStrictEqual(story.at(500, release("r", "m", 1)), ["r: Released", "b: granted #2 for 8500"])
    assert.deepStrictEqual(story.at(1_500, release("r", "bob", 2)), ["r: Released", "c: granted #3 for 2000"])
  })

  it("only at that grant: a later acquire in the same session does not renew it", () => {
    const story = new Story()
    story.at(1, mint("a", "m"))
    assert.deepStrictEqual(story.at(500, release("r", "m", 1), acquire("a2", "m")), [
      "r: Released",
      "a2: granted #2 for 501"
    ])
  })

  it("it is renewed while it waits", () => {
    const story = new Story({ bob: 9_000 })
    story.at(1, acquire("b", "bob"), queue("a", "m", { mint: { ttlMillis: 100, label: "m" } }))
    assert.deepStrictEqual(story.at(90, renew("m")), ["renew m: SessionRenewed for 100"])
    assert.deepStrictEqual(story.at(190), [])
    assert.deepStrictEqual(story.at(191), ["a: SessionExpired"])
    assert.deepStrictEqual(story.look(), "held by bob#1")
  })

  const gone = (story: Story) =>
    assert.deepStrictEqual(story.at(story.table.time, renew("m")), ["renew m: SessionExpired"])

  it("lock-held ends it", () => {
    const story = new Story({ bob: 9_000 })
    assert.deepStrictEqual(story.at(1, acquire("b", "bob"), mint("a", "m")), [
      "b: granted #1 for 8999",
      "a: held by bob#1"
    ])
    gone(story)
  })

  it("wait-timeout ends it", () => {
    const story = new Story({ bob: 9_000 })
    story.at(1, acquire("b", "bob"), mint("a", "m", { waitMillis: 10 }))
    assert.deepStrictEqual(story.at(12), ["a: WaitTimedOut"])
    gone(story)
  })

  it("mode-conflict ends it", () => {
    const story = new Story({ bob: 9_000 })
    story.at(1, acquire("b", "bob"))
    assert.deepStrictEqual(story.at(2, mint("a", "m", { permits: 3 })), ["a: conflict with exclusive 1"])
    gone(story)
  })

  it("request-stale ends it", () => {
    const story = new Story()
    assert.deepStrictEqual(story.at(1, mint("a", "m", { seq: 1, seqDone: 1 })), ["a: RequestStale"])
    gone(story)
  })

  it.each(["waits", "holds"])("the withdrawal of its attempt ends it while it %s", (state) => {
    const story = new Story({ bob: 9_000 })
    const attempt = mint("a", "m", { waitMillis: 500 })
    story.at(1, ...(state === "waits" ? [acquire("b", "bob")] : []), attempt)
    assert.deepStrictEqual(story.at(2, abandon("x", attempt)), [
      ...(state === "waits" ? ["a: withdrawn"] : []),
      "x: withdrawn"
    ])
    gone(story)
  })

  it("but not that of a later attempt, whose client knows the id", () => {
    const story = new Story()
    story.at(1, mint("a", "m"))
    const later = acquire("a2", "m")
    story.at(2, later)
    assert.deepStrictEqual(story.at(3, abandon("x", later), renew("m")), [
      "x: not withdrawn",
      "renew m: SessionRenewed for 1000"
    ])
  })

  it("it is of no use for another lock", () => {
    const story = new Story()
    story.at(1, mint("a", "m"))
    assert.deepStrictEqual(story.at(2, acquire("b", "m", { lock: "other" })), ["b: SessionExpired"])
    assert.deepStrictEqual(story.look("other"), "free")
  })

  it("it lives on after the release, empty, so that a retried release is answered, until its TTL", () => {
    const story = new Story()
    story.at(1, mint("a", "m"))
    assert.deepStrictEqual(story.at(2, release("r", "m", 1)), ["r: Released"])
    assert.deepStrictEqual(story.at(1_001, release("r", "m", 1)), ["r: Released"])
    assert.deepStrictEqual(story.at(1_002, release("r", "m", 1)), ["r: NotHolder"])
  })

  it("a second copy gets the same grant while it holds", () => {
    const story = new Story()
    assert.deepStrictEqual(story.at(1, mint("a", "m"), mint("a", "m")), [
      "a: granted #1 for 1000",
      "a: granted #1 for 1000"
    ])
    assert.deepStrictEqual(story.at(2, mint("a", "m")), ["a: granted #1 for 999"])
  })

  it("a second copy that finds it waiting changes nothing", () => {
    const story = new Story({ bob: 9_000 })
    story.at(1, acquire("b", "bob"), mint("a", "m", { waitMillis: 100 }))
    assert.deepStrictEqual(story.at(50, mint("a", "m", { waitMillis: 100 })), [])
    assert.deepStrictEqual(story.at(102), ["a: WaitTimedOut"])
  })

  it.each([
    ["after the release", (story: Story) => story.at(2, release("r", "m", 1))],
    ["after a later attempt", (story: Story) => story.at(2, acquire("a2", "m"))]
  ])("a second copy %s never grants a second time, and nothing happens", (_, happens) => {
    const story = new Story()
    story.at(1, mint("a", "m"))
    happens(story)
    const before = story.look()
    assert.deepStrictEqual(story.at(3, mint("a", "m")), ["a: SessionExpired"])
    assert.deepStrictEqual(story.look(), before)
    assert.deepStrictEqual(story.at(4, renew("m")), ["renew m: SessionRenewed for 1000"])
  })
})
