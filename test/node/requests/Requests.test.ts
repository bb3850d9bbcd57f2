/**
 * The table of unanswered requests by itself: who is given up, when, and what each is told.
 */
import { assert, describe, it } from "@effect/vitest"
import { LockName, RequestId, SessionHash } from "../../../src/lock/Identifiers.ts"
import { type Ask, foreignUntil, type Outcome, type Pending, Requests } from "../../../src/node/requests/Requests.ts"
import { Term } from "../../../src/raft/Entry.ts"
import { NodeId } from "../../../src/raft/Membership.ts"

const peer = NodeId.make("node2")

/** A request that came at 0 and may wait until 1000, and what it was told. */
const waiting = (request: string, more: Partial<Pending> = {}) => {
  const told: Array<Outcome> = []
  const pending: Pending = {
    request,
    ask: { query: { _tag: "Sessions", limit: 1, cursor: null } },
    origin: null,
    trace: undefined,
    sinceMillis: 0,
    untilMillis: 1000,
    settle: (outcome) => told.push(outcome),
    sentTo: null,
    sentAtMillis: 0,
    copies: 0,
    queued: false,
    ...more
  }
  return { pending, told }
}

const table = (...all: ReadonlyArray<{ readonly pending: Pending }>) => {
  const requests = new Requests({ countMax: 10_000, bytesMax: 1 })
  for (const { pending } of all) assert.isTrue(requests.add(pending))
  return requests
}

const noLeader: Outcome = { failure: "no-leader" }
const unknown: Outcome = { failure: "outcome-unknown" }

describe("a request that a peer has passed on", () => {
  const acquire = (waitMillis: number): Ask => ({
    command: {
      _tag: "Acquire",
      request: RequestId.make("a"),
      lock: LockName.make("door"),
      session: SessionHash.make("s"),
      owner: "",
      mode: "exclusive",
      permits: 1,
      waitMillis,
      lockDelayMillis: 0
    }
  })

  it("is kept for longer than it may wait, however long that is", () => {
    const day = 86_400_000
    assert.isAbove(foreignUntil(acquire(24 * day), 5), 5 + 24 * day + 60_000)
    assert.isAbove(foreignUntil(acquire(0), 5), 5 + 60_000)
    assert.isAbove(foreignUntil({ query: { _tag: "Sessions", limit: 1, cursor: null } }, 5), 5 + 60_000)
  })
})

describe("a request that waits", () => {
  it("is given up when its time is over, and not before", () => {
    const one = waiting("a")
    const requests = table(one)
    requests.sweep(999, null)
    assert.deepStrictEqual(one.told, [])
    requests.sweep(1000, null)
    assert.deepStrictEqual(one.told, [noLeader])
    assert.strictEqual(requests.size, 0)
  })

  it("is given up when it came before the time that it may be without a leader, and not if it came later", () => {
    const early = waiting("a")
    const late = waiting("b", { sinceMillis: 11 })
    table(early, late).sweep(500, 10)
    assert.deepStrictEqual([early.told, late.told], [[noLeader], []])
  })

  it("hears that nothing was done only if no copy of it is out and nothing has taken it in", () => {
    const out = waiting("a", { copies: 1 })
    const refused = waiting("b", { copies: 1 })
    const queued = waiting("c", { copies: 1 })
    const requests = table(out, refused, queued)
    requests.refused("b", "not-leader")
    requests.refused("c", "not-leader")
    requests.queued("c")
    requests.sweep(1000, null)
    assert.deepStrictEqual([out.told, refused.told, queued.told], [[unknown], [noLeader], [unknown]])
  })

  it("is told one thing, however often it is settled", () => {
    const one = waiting("a")
    const requests = table(one)
    requests.settle("a", { _tag: "SessionEnded" })
    requests.settle("a", { _tag: "SessionExpired" })
    requests.sweep(1000, 1000)
    assert.deepStrictEqual(one.told, [{ reply: { _tag: "SessionEnded" } }])
  })
})

describe("very many requests", () => {
  it("are given up a few at a time", () => {
    const all = Array.from({ length: 1000 }, (_, at) => waiting(`${at}`))
    const requests = table(...all)
    assert.isTrue(requests.sweep(1000, null))
    const first = all.filter(({ told }) => told.length > 0).length
    assert.isBelow(first, 500)
    let rounds = 1
    while (requests.sweep(1000, null)) rounds += 1
    assert.isAtMost(rounds, 1000 / first)
    assert.deepStrictEqual(all.map(({ told }) => told), all.map(() => [noLeader]))
  })

  it("are refused when there is no room", () => {
    const requests = new Requests({ countMax: 1, bytesMax: 1 })
    assert.isTrue(requests.add(waiting("a").pending))
    assert.isFalse(requests.add(waiting("b").pending))
  })

  it("are refused when their values are too long together, until one is gone, however it goes", () => {
    const requests = new Requests({ countMax: 10, bytesMax: 100 })
    const add = (request: string, more?: Partial<Pending>) =>
      requests.add(waiting(request, { ask: acquiring("v".repeat(60)), ...more }).pending)
    const ways: ReadonlyArray<() => unknown> = [
      () => requests.forget("a"),
      () => requests.settle("a", { _tag: "Released" }),
      () => requests.sweep(1000, null),
      () => requests.dropForeign(),
      () => requests.refused("a", "overloaded")
    ]
    for (const goes of ways) {
      assert.isTrue(add("a", { origin: peer, copies: 1 }))
      assert.isFalse(add("b"))
      goes()
      // A second time it is not there to go.
      goes()
    }
    assert.isTrue(add("b"))
  })
})

const acquiring = (value: string): Pending["ask"] => ({
  command: {
    _tag: "Acquire",
    request: RequestId.make("a"),
    lock: LockName.make("lock"),
    session: SessionHash.make("session"),
    owner: "",
    mode: "exclusive",
    permits: 1,
    waitMillis: 0,
    lockDelayMillis: 0,
    value
  }
})

describe("a new leader", () => {
  const old = { leader: NodeId.make("node2"), term: Term.make(1) }
  const leader = { leader: NodeId.make("node3"), term: Term.make(2) }
  const sent = { sentTo: old, copies: 1 }
  const names = (pending: ReadonlyArray<Pending>) => pending.map(({ request }) => request)
  const command: Pending["ask"] = {
    command: { _tag: "RenewSession", request: RequestId.make("a"), session: SessionHash.make("session") }
  }

  it("is sent at once what nobody else can have, and reads", () => {
    const requests = table(
      waiting("new", { ask: command }),
      waiting("refused", { ask: command, sentTo: old }),
      waiting("read", sent),
      waiting("sent", { ask: command, ...sent })
    )
    assert.deepStrictEqual(names(requests.unsent(leader, 0, false)), ["new", "refused", "read"])
  })

  it("is sent what an earlier one may have had once that is decided, unless it waits in a queue", () => {
    const requests = table(
      waiting("sent", { ask: command, ...sent }),
      waiting("queued", { ask: command, ...sent, queued: true })
    )
    assert.deepStrictEqual(names(requests.unsent(leader, 0, true)), ["sent"])
  })

  it("is sent the same again only after a while, and never what a peer has passed on", () => {
    const requests = table(
      waiting("sent", { ask: command, sentTo: leader, sentAtMillis: 10, copies: 1 }),
      waiting("passed on", { ask: command, origin: peer })
    )
    assert.deepStrictEqual(names(requests.unsent(leader, 10, true)), [])
    assert.deepStrictEqual(names(requests.unsent(leader, 11, true)), ["sent"])
  })
})
