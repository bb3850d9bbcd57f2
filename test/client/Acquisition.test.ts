/**
 * An acquire whose answers come late, twice, or never: what is held is held in the cluster too, and what is given up
 * takes nothing along that others hold.
 */
import { assert, describe, it } from "@effect/vitest"
import { NoLeader } from "../../src/api/Problems.ts"
import { makeByHand } from "./ByHand.ts"

describe("An acquire", () => {
  it("that heard of no leader and waits in the queue since is told by the node that its time is over", () => {
    const client = makeByHand()
    client.acquire("a")
    client.settle()
    const waiting = client.acquire("a", { waitMillis: 5000 })
    client.refuse(client.take()[0]!, new NoLeader({}))
    client.pass(200)
    client.engine.tend()
    client.settle()
    client.pass(4790)
    client.engine.tend()
    client.pass(20)
    client.engine.tend()
    client.settle()
    assert.strictEqual(waiting.refusal, "WaitTimeout")
  })

  it("whose grant ended before it was heard of is made anew, and its session lives", () => {
    const client = makeByHand()
    const held = client.acquire("a")
    client.settle()
    const asked = client.acquire("b", { maxHoldMillis: 1000, waitMillis: 10_000 })
    client.take().forEach(client.perform)
    client.lose()
    client.engine.unlinked()
    client.pass(1600)
    client.engine.linked()
    client.settle()
    assert.strictEqual(held.lock?.state, "held")
    assert.strictEqual(asked.lock?.state, "held")
    assert.deepStrictEqual(client.holders("b"), [asked.lock!.token])
  })

  it("that asks once more what is left of its hold is over a little after its wait, and then holds nothing", () => {
    const client = makeByHand()
    const first = client.acquire("a")
    client.settle()
    const asked = client.acquire("a", { maxHoldMillis: 2000, waitMillis: 5000 })
    client.settle()
    client.pass(4900)
    first.lock!.release(() => {})
    client.take().forEach(client.perform)
    client.hear()
    const [question] = client.take()
    assert.strictEqual(question?.operation._tag, "Acquire")
    for (let waited = 0; waited < 1500; waited += 50) {
      client.pass(50)
      client.engine.tend()
    }
    assert.strictEqual(asked.refusal, "Unavailable")
    client.settle()
    assert.deepStrictEqual(client.holders("a"), [])
  })

  it("is taken back in the moment in which it asks once more, and holds nothing", () => {
    const client = makeByHand()
    const first = client.acquire("a")
    client.settle()
    const asked = client.acquire("a", { maxHoldMillis: 2000 })
    client.settle()
    client.pass(5000)
    first.lock!.release(() => {})
    client.take().forEach(client.perform)
    client.hear()
    asked.acquisition.cancel()
    client.settle()
    assert.deepStrictEqual(client.holders("a"), [])
  })
})

describe("A lock with a maxHold", () => {
  it("is lost in time by whoever did not ask for it and has the same grant", () => {
    const client = makeByHand()
    client.acquire("a", { owner: "me", maxHoldMillis: 2000 })
    client.settle()
    const again = client.acquire("a", { owner: "me" })
    client.settle()
    client.pass(1700)
    assert.strictEqual(again.lock?.state, "held")
    client.pass(150)
    assert.strictEqual(again.lock?.loss?.reason, "max-hold")
  })
})
