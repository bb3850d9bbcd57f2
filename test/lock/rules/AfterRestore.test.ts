/** What becomes of the lock state when a new cluster is made from a backup of an old one that may still be going on. */
import { assert, describe, it } from "@effect/vitest"
import type { RestoreOptions } from "../../../src/lock/AfterRestore.ts"
import { acquire, end, name, open, queue, release, renew, token } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

const range = 2 ** 40
const ttl = 60_000

/** At 1,000 the backup of a cluster in which `ann` holds `l` with token 1 and `bob` waits for it. */
const backup = () => {
  const story = new Story({ ann: 15_000, bob: ttl })
  story.at(1_000, acquire("a", "ann"), queue("b", "bob"))
  return story
}

const restored = (options: Partial<RestoreOptions> = {}) => {
  const story = backup()
  const facts = story.table.afterRestore({ time: 0, tokensAbove: 0, grantNow: false, ...options })
  return { story, facts }
}

/** The first token that a new cluster grants. */
const firstToken = (options: Partial<RestoreOptions>) => {
  const { story } = restored({ ...options, grantNow: true })
  return story.at(2_000, open("cy", ttl), acquire("c", "cy"))[1]
}

describe("After a restore", () => {
  it("tells what it did", () => {
    assert.deepStrictEqual(restored().facts, {
      sessionsEnded: 2,
      locksFreed: 1,
      tokensBefore: 1,
      tokensFrom: range,
      grantsAfterMillis: ttl
    })
  })

  it("no session lives, and nothing is held or waited for", () => {
    const { story } = restored()
    assert.isFalse(story.table.hasSessions)
    assert.strictEqual(story.look(), "free, delay 60000")
    assert.isFalse(story.table.check(name("l"), token(1)))
    assert.deepStrictEqual(story.at(1_001, renew("ann"), release("r", "ann", 1), acquire("again", "bob")), [
      "renew ann: SessionExpired",
      "r: NotHolder",
      "again: SessionExpired"
    ])
  })

  it("the clock goes on from the backup's, or from a later time that it is given", () => {
    assert.deepStrictEqual([restored().story.table.time, restored({ time: 5_000 }).story.table.time], [1_000, 5_000])
  })
})

describe("After a restore tokens begin", () => {
  it("above the next multiple of 2^40", () => {
    assert.strictEqual(firstToken({}), `c: granted #${range + 1} for ${ttl}`)
  })

  it("above the next multiple of 2^40 after what the old cluster is known to have reached", () => {
    assert.strictEqual(firstToken({ tokensAbove: 5 * range - 1 }), `c: granted #${5 * range + 1} for ${ttl}`)
    assert.strictEqual(firstToken({ tokensAbove: 5 * range }), `c: granted #${6 * range + 1} for ${ttl}`)
  })

  it("further up with every restore", () => {
    const { story } = restored()
    assert.strictEqual(story.table.afterRestore({ time: 0, tokensAbove: 7, grantNow: true }).tokensFrom, 2 * range)
  })

  it("nowhere when there are none left, or when they are told to begin where no token is", () => {
    assert.strictEqual(restored({ tokensAbove: 2 ** 53 - 2 * range - 1 }).facts.tokensFrom, 2 ** 53 - 2 * range)
    for (const tokensAbove of [2 ** 53 - range, 2 ** 53, 1.5, NaN, Infinity]) {
      assert.throws(() => restored({ tokensAbove }), /^there are no tokens left above /)
    }
  })
})

describe("After a restore nothing is granted until the longest TTL of the backup has run", () => {
  it("and who does not wait hears how long that is", () => {
    const { story } = restored()
    assert.deepStrictEqual(story.at(11_000, open("cy", ttl), acquire("c", "cy")), [
      "open cy: SessionOpened for 60000",
      "c: free, delay 50000"
    ])
    assert.strictEqual(story.look(), "free, delay 50000")
    assert.strictEqual(story.look("another"), "free, delay 50000")
  })

  it("and who waits is granted then, in order, and no millisecond before", () => {
    const { story } = restored()
    story.at(2_000, open("cy", 99_000), open("di", 99_000), queue("c", "cy"), queue("d", "di"))
    story.at(2_001, queue("m", "cy", { lock: "m" }))
    assert.strictEqual(story.table.nextDeadline(), 61_000)
    assert.deepStrictEqual(story.at(60_999), [])
    assert.deepStrictEqual(story.at(61_000), [
      `c: granted #${range + 1} for 40000`,
      `m: granted #${range + 2} for 40000`
    ])
    assert.strictEqual(story.look(), `held by cy#${range + 1}, 1 wait`)
    assert.deepStrictEqual(story.at(61_001, release("r", "cy", range + 1)), [
      "r: Released",
      `d: granted #${range + 3} for 39999`
    ])
  })

  it("and a wait or a session that ends by then gets nothing", () => {
    const { story } = restored()
    story.at(1_000, open("cy", 59_999), open("di", 99_000), queue("c", "cy"))
    story.at(2_000, acquire("d", "di", { waitMillis: 58_999 }), acquire("e", "di", { owner: "e", waitMillis: 59_000 }))
    assert.deepStrictEqual(story.at(61_000), [
      "c: SessionExpired",
      "d: WaitTimedOut",
      `e: granted #${range + 1} for 39000`
    ])
  })

  it("and a lock whose waiters have all left does not wait for it", () => {
    const { story } = restored()
    story.at(2_000, open("cy", 99_000), queue("c", "cy"))
    story.at(2_001, end("cy"))
    assert.strictEqual(story.table.nextDeadline(), undefined)
    assert.deepStrictEqual(story.at(61_000), [])
  })

  it("and who asks then or later is granted at once", () => {
    const { story } = restored()
    assert.strictEqual(
      story.at(61_000, open("cy", ttl), acquire("c", "cy"))[1],
      `c: granted #${range + 1} for ${ttl}`
    )
    assert.strictEqual(story.look(), `held by cy#${range + 1}`)
  })

  it("unless it is known that nobody can believe that they hold", () => {
    const { facts, story } = restored({ grantNow: true })
    assert.strictEqual(facts.grantsAfterMillis, 0)
    assert.strictEqual(
      story.at(1_000, open("cy", ttl), acquire("c", "cy"))[1],
      `c: granted #${range + 1} for ${ttl}`
    )
  })

  it("and a backup of the new cluster in that time does not forget it", () => {
    const { story } = restored()
    story.at(11_000, open("cy", 1_000))
    assert.strictEqual(story.table.afterRestore({ time: 0, tokensAbove: 0, grantNow: false }).grantsAfterMillis, 50_000)
  })

  it("and then a thousand locks with each entry, so that none takes long", () => {
    const { story } = restored()
    const locks = Array.from({ length: 2_500 }, (_, i) => `lock ${i}`)
    story.at(2_000, open("cy", 99_000), ...locks.map((lock) => queue(lock, "cy", { lock })))
    assert.strictEqual(story.at(61_000).length, 1_000)
    assert.strictEqual(story.table.nextDeadline(), 61_001)
    // Who asks for a lock whose turn has not come does not pass who waited for it.
    assert.deepStrictEqual(story.at(61_000, queue("late", "cy", { lock: "lock 2400", owner: "late" })).slice(-1), [
      `lock 2400: granted #${range + 2_001} for 40000`
    ])
    assert.strictEqual(story.at(61_001).length, 499)
    assert.strictEqual(story.table.nextDeadline(), 101_001)
  })
})
