/**
 * A checker that can say no: each kind of wrong history is refused by name, and its nearest right neighbour is not.
 */
import { assert, describe, it } from "@effect/vitest"
import { hollow, violations } from "../../bench/soak/Checker.ts"
import type { History, Op } from "../../bench/soak/History.ts"

const ttlMillis = 1_000

/** Sent at `at`, answered 10 ms later. */
const op = (kind: Op["kind"], session: number, at: number, rest: Partial<Op> = {}): Op => ({
  client: `client${session}`,
  kind,
  session,
  lock: kind === "open" || kind === "renew" ? null : "a",
  token: null,
  sentAt: at,
  attemptAt: at,
  answeredAt: at + 10,
  attempts: 1,
  answer: "ok",
  ...rest
})

const rules = (...history: History) => violations(history, ttlMillis).map(({ rule }) => rule)

describe("the checker accepts", () => {
  it("a lock that goes from hand to hand", () =>
    assert.deepStrictEqual(
      rules(
        op("open", 1, 0),
        op("open", 2, 0),
        op("acquire", 1, 20, { token: 1 }),
        op("acquire", 2, 40, { answer: "held" }),
        op("check", 1, 60, { token: 1 }),
        op("renew", 1, 80),
        op("release", 1, 100, { token: 1 }),
        op("acquire", 2, 105, { token: 2 }),
        op("check", 1, 120, { token: 1, answer: "invalid" })
      ),
      []
    ))

  it("a grant to another after the lease, and what the old holder hears then", () =>
    assert.deepStrictEqual(
      rules(
        op("open", 1, 0),
        op("open", 2, 500),
        op("acquire", 1, 20, { token: 1 }),
        op("acquire", 2, 995, { token: 2 }),
        op("check", 1, 995, { token: 1, answer: "invalid" }),
        op("release", 1, 1_200, { token: 1, answer: "not-holder" }),
        op("renew", 1, 1_300, { answer: "session-expired" })
      ),
      []
    ))

  it("two grants at the same time in either order of tokens", () =>
    assert.deepStrictEqual(
      rules(
        op("open", 1, 0),
        op("acquire", 1, 20, { token: 2 }),
        op("acquire", 1, 25, { token: 1, lock: "b" })
      ),
      []
    ))
})

describe("the checker refuses", () => {
  it("two holders at once", () =>
    assert.deepStrictEqual(
      rules(
        op("open", 1, 0),
        op("open", 2, 0),
        op("acquire", 1, 20, { token: 1 }),
        op("acquire", 2, 900, { token: 2 })
      ),
      ["double grant"]
    ))

  it("two holders at once, where a renewal had been acknowledged", () =>
    assert.deepStrictEqual(
      rules(
        op("open", 1, 0),
        op("acquire", 1, 20, { token: 1 }),
        op("renew", 1, 900),
        op("open", 2, 1_000),
        op("acquire", 2, 1_500, { token: 2 })
      ),
      ["double grant"]
    ))

  it("a second holder behind one that came and went meanwhile", () =>
    assert.deepStrictEqual(
      rules(
        op("open", 1, 0),
        op("open", 2, 0),
        op("acquire", 1, 20, { token: 1 }),
        op("acquire", 2, 100, { token: 2 }),
        op("release", 2, 120, { token: 2 }),
        op("acquire", 2, 200, { token: 3 })
      ),
      ["double grant", "double grant"]
    ))

  it("a token that was given twice, for whatever locks", () =>
    assert.deepStrictEqual(
      rules(op("open", 1, 0), op("acquire", 1, 20, { token: 1 }), op("acquire", 1, 40, { token: 1, lock: "b" })),
      ["repeated token"]
    ))

  it("a later grant with a smaller token", () =>
    assert.deepStrictEqual(
      rules(op("open", 1, 0), op("acquire", 1, 20, { token: 7 }), op("acquire", 1, 40, { token: 6, lock: "b" })),
      ["falling token"]
    ))

  it("a grant that is not shown while it is held", () =>
    assert.deepStrictEqual(
      rules(
        op("open", 1, 0),
        op("acquire", 1, 20, { token: 1 }),
        op("check", 1, 500, { token: 1, answer: "invalid" })
      ),
      ["lost grant"]
    ))

  it("a release by the holder that is turned away", () =>
    assert.deepStrictEqual(
      rules(
        op("open", 1, 0),
        op("acquire", 1, 20, { token: 1 }),
        op("release", 1, 500, { token: 1, answer: "not-holder" })
      ),
      ["lost grant"]
    ))

  it("a release that is undone", () =>
    assert.deepStrictEqual(
      rules(
        op("open", 1, 0),
        op("acquire", 1, 20, { token: 1 }),
        op("release", 1, 100, { token: 1 }),
        op("check", 1, 200, { token: 1 })
      ),
      ["lost release"]
    ))

  it("a session that ends before its time", () =>
    assert.deepStrictEqual(
      rules(op("open", 1, 0), op("renew", 1, 900), op("acquire", 1, 1_500, { answer: "session-expired" })),
      ["lost session"]
    ))

  it("a request without a certain answer, and one with an answer that nothing explains", () =>
    assert.deepStrictEqual(
      rules(op("open", 1, 0, { answer: "unanswered" }), op("open", 2, 0, { answer: "unexpected", detail: "500" })),
      ["unanswered request", "unexpected request"]
    ))

  it("a lease counted from a renewal that was sent again: the attempt that was answered is what counts", () =>
    assert.deepStrictEqual(
      rules(
        op("open", 1, 0),
        op("renew", 1, 100, { attemptAt: 700, answeredAt: 710 }),
        op("acquire", 1, 1_600, { answer: "session-expired" })
      ),
      ["lost session"]
    ))
})

describe("a run", () => {
  const grants = Array.from({ length: 150 }, (_, at) => op("acquire", 1, at, { token: at }))

  it("with too few grants is refused, for it shows nothing", () =>
    assert.deepStrictEqual(hollow(grants, 1.6).map(({ rule }) => rule), ["hollow run"]))

  it("with enough is not", () => assert.deepStrictEqual(hollow(grants, 1.5), []))
})
