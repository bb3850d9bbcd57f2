/**
 * Acquires that are given up in one turn, or in the middle of what the engine does for all of them: nobody stays in the
 * queue or holds a lock for someone who is gone.
 */
import { assert, describe, it } from "@effect/vitest"
import { NoLeader } from "../../src/api/Problems.ts"
import { makeByHand } from "./ByHand.ts"

describe("The place of an owner in the queue", () => {
  it("is left when its acquires give up in one turn, whichever comes first", () => {
    for (const order of ["first", "last"]) {
      const client = makeByHand()
      const held = client.acquire("a")
      client.settle()
      const all = [client.acquire("a", { owner: "me" }), client.acquire("a", { owner: "me" })]
      client.settle()
      assert.strictEqual(client.queueLength("a"), 1)
      if (order === "last") all.reverse()
      for (const { acquisition } of all) acquisition.cancel()
      client.live(1000)
      assert.strictEqual(client.queueLength("a"), 0, order)
      held.lock!.release(() => {})
      client.live(1000)
      assert.deepStrictEqual(client.holders("a"), [], order)
    }
  })

  it("is left when who was to take it over gives up while no node is there", () => {
    const client = makeByHand()
    const held = client.acquire("a")
    client.settle()
    const first = client.acquire("a", { owner: "me" })
    const second = client.acquire("a", { owner: "me", waitMillis: 2000 })
    const third = client.acquire("a", { owner: "me", waitMillis: 2000 })
    client.settle()
    client.engine.unlinked()
    first.acquisition.cancel()
    client.take()
    second.acquisition.cancel()
    client.pass(2100)
    client.engine.tend()
    assert.strictEqual(third.refusal, "Unavailable")
    client.engine.linked()
    client.live(1000)
    assert.strictEqual(client.queueLength("a"), 0)
    held.lock!.release(() => {})
    client.live(1000)
    assert.deepStrictEqual(client.holders("a"), [])
  })

  it("is left when who was to take it over gives up while a release of its owner is under way", () => {
    for (const followers of [1, 2]) {
      const client = makeByHand()
      const held = client.acquire("a", { owner: "me" })
      client.settle()
      const all = [client.acquire("a", { owner: "me" })]
      const [late] = client.take()
      held.lock!.release(() => {})
      const [release] = client.take()
      client.refuse(release!, new NoLeader({}))
      for (let at = 0; at < followers; at++) all.push(client.acquire("a", { owner: "me" }))
      for (const { acquisition } of all) acquisition.cancel()
      client.perform(release!)
      client.perform(late!)
      assert.lengthOf(client.holders("a"), 1)
      client.live(1000)
      assert.deepStrictEqual(client.holders("a"), [], `${followers} followers`)
    }
  })

  it("is left for good, though the first request for it comes to the cluster last", () => {
    const client = makeByHand()
    const older = client.acquire("b")
    client.settle()
    older.lock!.release(() => {})
    client.take()
    const all = [client.acquire("a", { owner: "me" }), client.acquire("a", { owner: "me" })]
    const [late] = client.take()
    for (const { acquisition } of all) acquisition.cancel()
    client.settle()
    client.perform(late!)
    client.lose()
    client.live(1000)
    assert.deepStrictEqual([client.holders("a"), client.queueLength("a")], [[], 0])
  })

  it("is not asked after when nobody has ever asked for it", () => {
    const client = makeByHand()
    client.acquire("a")
    client.settle()
    client.engine.unlinked()
    const all = [client.acquire("a", { owner: "me" }), client.acquire("a", { owner: "me" })]
    for (const { acquisition } of all) acquisition.cancel()
    client.engine.linked()
    assert.lengthOf(client.take(), 0)
  })
})

describe("An acquire that does not wait, of an owner that holds the lock already", () => {
  it("asks nothing over and over while another one of that owner is under way, and gets the same grant", () => {
    const client = makeByHand()
    const first = client.acquire("a", { owner: "me" })
    client.settle()
    client.acquire("a", { owner: "me" })
    const [underWay] = client.take()
    const trying = client.acquire("a", { owner: "me", waitMillis: null })
    assert.deepStrictEqual(client.take(), [])
    client.perform(underWay!)
    client.hear()
    client.settle()
    assert.strictEqual(trying.lock?.token, first.lock!.token)
  })
})

describe("A handle whose maxHold is over, and which is released late", () => {
  it("takes the grant along from whoever of its owner has it since, heard of or not", () => {
    for (const isHeard of [true, false]) {
      const client = makeByHand()
      const first = client.acquire("a", { owner: "me", maxHoldMillis: 4000 })
      client.settle()
      client.pass(3700)
      assert.strictEqual(first.lock!.loss?.reason, "max-hold")
      const second = client.acquire("a", { owner: "me" })
      const sent = client.take()
      sent.forEach(client.perform)
      if (isHeard) client.hear()
      first.lock!.release(() => {})
      assert.isTrue(second.lock === null || second.lock.state === "lost")
      client.settle()
      if (isHeard) assert.deepStrictEqual([second.lock!.loss?.reason, client.holders("a")], ["released", []])
      else assert.deepStrictEqual([second.lock?.state, client.holders("a")], ["held", [second.lock!.token]])
    }
  })
})

describe("An acquire that is given up because of what became of another call", () => {
  it("does not begin anew when the session of both is over", () => {
    const client = makeByHand()
    const [held, other] = [client.acquire("a"), client.acquire("b")]
    client.settle()
    held.lock!.release(() => waiting.acquisition.cancel())
    const waiting = client.acquire("b")
    client.take()
    client.pass(13_600)
    assert.strictEqual(other.lock!.state, "lost")
    other.lock!.release(() => {})
    client.live(1000)
    assert.isNull(waiting.lock)
    assert.deepStrictEqual([client.holders("b"), client.queueLength("b")], [[], 0])
  })

  it("is withdrawn once when both are past their time", () => {
    const client = makeByHand()
    const [held] = [client.acquire("a"), client.acquire("b")]
    client.settle()
    held.lock!.release(() => waiting.acquisition.cancel())
    const waiting = client.acquire("b", { waitMillis: 4000 })
    client.take()
    client.pass(5000)
    client.engine.tend()
    const asked = client.take().filter(({ operation }) => operation._tag === "Acquire")
    assert.lengthOf(asked, 1)
  })
})
