/** What readers see (product §4), and what it must not tell them. */
import { assert, describe, it } from "@effect/vitest"
import { acquire, end, name, open, queue, release, token } from "../support/commands.ts"
import { Story } from "../support/Story.ts"

const held = () => {
  const story = new Story({ ann: 1_000, bob: 2_000 })
  story.at(10, acquire("a", "ann", { owner: "o", value: "v", maxHoldMillis: 500 }), queue("b", "bob"))
  return story
}

describe("GET of a lock", () => {
  it("shows its holders and its queue, with times as of the reader's now", () => {
    assert.deepStrictEqual(held().table.lock(name("l"), 30), {
      name: name("l"),
      mode: "exclusive",
      permits: 1,
      holders: [{
        label: "ann",
        owner: "o",
        mode: "exclusive",
        token: token(1),
        heldMillis: 20,
        expiresInMillis: 480,
        holdEndsInMillis: 480,
        value: "v"
      }],
      queueLength: 1,
      lockDelayLeftMillis: 0,
      lastToken: token(1)
    })
  })

  it("decides no expiry: past its deadline a holder is shown with 0 left", () => {
    const story = held()
    const holder = story.table.lock(name("l"), 99_999).holders[0]
    assert.deepStrictEqual([holder?.expiresInMillis, holder?.holdEndsInMillis], [0, 0])
    assert.deepStrictEqual(story.look(), "held by ann#1, 1 wait")
  })

  it("holds no negative time when the reader's now is behind", () => {
    assert.deepStrictEqual(held().table.lock(name("l"), 5).holders[0]?.heldMillis, 0)
  })

  const free = {
    name: name("l"),
    mode: null,
    permits: 1,
    holders: [],
    queueLength: 0,
    lockDelayLeftMillis: 0,
    lastToken: null
  }

  it("shows a name that was never used as free", () => {
    assert.deepStrictEqual(new Story().table.lock(name("l"), 1), free)
  })

  it("forgets a lock that is idle", () => {
    const story = held()
    story.at(11, release("r", "ann", 1), release("r2", "bob", 2))
    assert.deepStrictEqual(story.table.lock(name("l"), 11), free)
    assert.notInclude(story.table.digest(), "\nlock ")
  })

  it("shows the last token while something of the lock is left", () => {
    const story = held()
    story.at(11, acquire("c", "bob", { lock: "k" }), release("r", "ann", 1))
    assert.deepStrictEqual(story.table.lock(name("l"), 11).lastToken, token(3))
  })

  it("a refused acquire lists the oldest 100 holders, a read all of them", () => {
    const story = new Story({ ann: 1_000, bob: 1_000 })
    const read = (owner: string) => acquire(owner, "ann", { owner, mode: "shared" })
    story.at(1, ...Array.from({ length: 120 }, (_, i) => read(`${i}`)))
    const [settled] = story.table.apply(2, [acquire("w", "bob")])
    assert(settled?.reply._tag === "LockHeld")
    assert.deepStrictEqual(
      settled.reply.holders.map((holder) => holder.owner),
      Array.from({ length: 100 }, (_, i) => `${i}`)
    )
    assert.deepStrictEqual(story.table.lock(name("l"), 2).holders.length, 120)
  })
})

describe("check: is this the token of a present holder", () => {
  it("of a holder, of a past one, of a waiter's future, of another lock, of a lock-delay", () => {
    const story = new Story({ ann: 1_000, bob: 2_000 })
    story.at(1, acquire("a", "ann", { lockDelayMillis: 90, maxHoldMillis: 500 }), queue("b", "bob"))
    const valid = (value: number, lock = "l") => story.table.check(name(lock), token(value))
    assert.deepStrictEqual([valid(1), valid(2), valid(1, "other")], [true, false, false])
    story.at(501)
    assert.deepStrictEqual([valid(1), valid(2)], [true, false])
    story.at(502)
    assert.deepStrictEqual([valid(1), valid(2)], [false, false])
    story.at(593)
    assert.deepStrictEqual([valid(1), valid(2)], [false, true])
  })
})

describe("The list of locks", () => {
  // In UTF-16 the emoji, two units from U+D83D on, would come before U+FB01; in UTF-8 it comes after.
  const names = ["a", "a/1", "a/10", "a/2", "b", "é", "ﬁ", "😀"]
  const story = () => {
    const story = new Story({ ann: 1_000 })
    story.at(1, ...names.toReversed().map((lock) => acquire(lock, "ann", { lock })))
    return story
  }

  it("is in order of the UTF-8 bytes of the names", () => {
    assert.deepStrictEqual(story().table.locks({ limit: 99 }, 1).locks.map((lock): string => lock.name), names)
  })

  it.each(["a", "a/", "a/1", "c", "😀", ""])("holds those with the prefix %j", (prefix) => {
    assert.deepStrictEqual(
      story().table.locks({ prefix, limit: 99 }, 1).locks.map((lock): string => lock.name),
      names.filter((one) => one.startsWith(prefix))
    )
  })

  it.each([1, 2, 3, 8, 9])("comes in pages of %i that miss and repeat nothing, and end", (limit) => {
    const { table } = story()
    const seen: Array<string> = []
    for (let page = table.locks({ limit }, 1);; page = table.locks({ limit, cursor: page.cursor }, 1)) {
      seen.push(...page.locks.map((lock) => lock.name))
      assert.isAtMost(page.locks.length, limit)
      if (page.cursor === null) break
    }
    assert.deepStrictEqual(seen, names)
  })

  it("goes on past a cursor whose lock is gone", () => {
    const { table } = story()
    assert.deepStrictEqual(table.locks({ limit: 1, cursor: name("a/11") }, 1).locks[0]?.name, name("a/2"))
    assert.deepStrictEqual(table.locks({ limit: 9, prefix: "a/", cursor: name("a/2") }, 1), { locks: [], cursor: null })
  })

  it("holds what is held, waited for, or in lock-delay, and nothing idle", () => {
    const story = new Story({ ann: 100, bob: 900 })
    story.at(1, acquire("a", "ann", { lock: "delayed", lockDelayMillis: 50 }), acquire("b", "ann", { lock: "waited" }))
    story.at(2, queue("c", "bob", { lock: "waited" }), acquire("d", "bob", { lock: "gone" }))
    story.at(100, release("r", "bob", 3, { lock: "gone" }))
    assert.deepStrictEqual(story.table.locks({ limit: 9 }, 100).locks.map((lock): string => lock.name), [
      "delayed",
      "waited"
    ])
  })
})

describe("The list of sessions", () => {
  it("shows labels, times and counts in order of creation", () => {
    assert.deepStrictEqual(held().table.sessions({ limit: 9 }, 30), {
      sessions: [
        { label: "ann", ttlMillis: 1_000, expiresInMillis: 970, holds: 1, waits: 0 },
        { label: "bob", ttlMillis: 2_000, expiresInMillis: 1_970, holds: 0, waits: 1 }
      ],
      cursor: null
    })
  })

  it.each([1, 2, 3, 4])("comes in pages of %i", (limit) => {
    const story = new Story({ z: 10_000, y: 10_000, gone: 10_000, x: 10_000 })
    story.at(1, end("gone"))
    const seen: Array<string> = []
    for (
      let page = story.table.sessions({ limit }, 1);;
      page = story.table.sessions({ limit, cursor: page.cursor }, 1)
    ) {
      seen.push(...page.sessions.map((session) => session.label))
      if (page.cursor === null) break
    }
    assert.deepStrictEqual(seen, ["z", "y", "x"])
  })

  it("names no session by id or hash, not even in a cursor", () => {
    const story = new Story()
    const secret = "k7Qd-hash-of-a-session"
    story.at(0, { ...open(secret, 1_000), label: "label" } as ReturnType<typeof open>, open("other", 1_000))
    story.at(1, acquire("a", secret), queue("b", "other"))
    const replies = story.table.apply(2, [acquire("b", "other")])
    const shown = [
      story.table.sessions({ limit: 1 }, 2),
      story.table.locks({ limit: 9 }, 2),
      story.table.lock(name("l"), 2),
      replies
    ]
    assert.notInclude(JSON.stringify(shown), secret)
  })
})

describe("The table leaks nothing of itself", () => {
  it("what a reader does to a view reaches nobody", () => {
    const story = held()
    const before = story.table.digest()
    const view = story.table.lock(name("l"), 11)
    Object.assign(view, { permits: 99 })
    Object.assign(view.holders[0]!, { token: 99 })
    Array.prototype.pop.call(view.holders)
    assert.deepStrictEqual(story.table.digest(), before)
    assert.deepStrictEqual(story.look(), "held by ann#1, 1 wait")
  })
})
