/**
 * An acquire whose answers come late, twice, or never: what is held is held in the cluster too, and what is given up
 * takes nothing along that others hold.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { NoLeader } from "../../src/api/Problems.ts"
import { ask } from "../../src/client/engine/Asking.ts"
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

describe("A client that waits for as much as a node takes of it", () => {
  it("asks for no more, says so at once, and goes on when it waits for less", () => {
    const client = makeByHand()
    const held = client.acquire("a")
    client.settle()
    const question = { session: null, deadline: Infinity, waits: true, settle: () => {} }
    const calls = Array.from(
      { length: 130_000 },
      () => client.engine.submit({ ...question, operation: (id) => ({ _tag: "Ping", id }) })
    )
    assert.strictEqual(client.acquire("b").refusal, "Overloaded")
    assert.strictEqual(client.acquire("b", { waitMillis: null }).refusal, "Overloaded")
    const looking = ask(client.engine, "b", (id) => ({ _tag: "Look", id, lock: "b" }), "Seen")
    assert.strictEqual(Effect.runSync(Effect.flip(looking))._tag, "Overloaded")
    calls.forEach((call) => client.engine.drop(call))
    const again = client.acquire("b")
    client.settle()
    assert.deepStrictEqual([held.lock?.state, again.lock?.state], ["held", "held"])
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

describe("What becomes of a grant with time", () => {
  const hearOf = (options: { readonly maxHoldMillis?: number }, otherwise: number) => {
    const client = makeByHand()
    const asked = client.acquire("a", options)
    client.settle()
    const told: Array<string> = []
    asked.lock!.onLost(({ reason }) => told.push(reason))
    client.pass(otherwise)
    client.wake()
    return { client, told }
  }

  it("is told also when its timer fires a moment too early", () => {
    const { client, told } = hearOf({ maxHoldMillis: 2000 }, 1799.5)
    assert.deepStrictEqual(told, [])
    client.pass(0.5)
    client.wake()
    assert.deepStrictEqual(told, ["max-hold"])
    const other = hearOf({}, 13_499.5)
    other.client.pass(0.5)
    other.client.wake()
    assert.deepStrictEqual(other.told, ["expired"])
  })
})

describe("A grant of which too little is left", () => {
  it("is given back, and its owner gets another one", () => {
    const client = makeByHand()
    const first = client.acquire("a", { owner: "me", maxHoldMillis: 2000 })
    client.settle()
    client.pass(1850)
    assert.strictEqual(first.lock?.state, "lost")
    const second = client.acquire("a", { owner: "me", maxHoldMillis: 2000 })
    client.settle()
    assert.strictEqual(second.lock?.state, "held")
    assert.isAbove(second.lock!.token, first.lock!.facts.token)
    assert.deepStrictEqual(client.holders("a"), [second.lock!.token])
  })
})

describe("The handles of one owner", () => {
  it("are all lost when one of them gives the grant back, and say so to who did not", () => {
    const client = makeByHand()
    const [one, two] = [client.acquire("a", { owner: "me" }), client.acquire("a", { owner: "me" })]
    client.settle()
    assert.strictEqual(one.lock!.token, two.lock!.token)
    const { signal } = two.lock!
    one.lock!.release(() => {})
    assert.strictEqual(two.lock!.state, "lost")
    assert.strictEqual(two.lock!.unwantedLoss?.reason, "released")
    assert.isTrue(signal.aborted)
    assert.isNull(one.lock!.unwantedLoss)
    const again = client.acquire("a", { owner: "me" })
    const other = client.acquire("a")
    client.settle()
    assert.deepStrictEqual([again.lock?.state, other.lock?.state], [undefined, "held"])
    other.lock!.release(() => {})
    client.settle()
    assert.strictEqual(again.lock?.state, "held")
  })

  it("keep the grant when an acquire that was to share it is taken back, wherever its answer is", () => {
    for (const answer of ["lost", "late", "heard"]) {
      const client = makeByHand()
      const first = client.acquire("a", { owner: "me" })
      client.settle()
      const second = client.acquire("a", { owner: "me" })
      client.take().forEach(client.perform)
      if (answer === "lost") client.lose()
      if (answer === "heard") {
        client.hear()
        second.lock!.takeBack()
      } else second.acquisition.cancel()
      client.settle()
      assert.strictEqual(first.lock?.state, "held")
      assert.deepStrictEqual(client.holders("a"), [first.lock!.token], answer)
    }
  })

  it("never have the grant of an acquire that was withdrawn while the cluster had no leader", () => {
    const client = makeByHand()
    const other = client.acquire("a")
    client.settle()
    const first = client.acquire("a", { owner: "me" })
    client.settle()
    first.acquisition.cancel()
    client.refuse(client.take()[0]!, new NoLeader({}))
    const second = client.acquire("a", { owner: "me" })
    client.settle()
    other.lock!.release(() => {})
    client.settle()
    client.live(1000)
    assert.deepStrictEqual([first.lock, second.lock?.state], [null, "held"])
    assert.deepStrictEqual(client.holders("a"), [second.lock!.token])
  })

  it("never have a grant whose release waits for a leader", () => {
    const client = makeByHand()
    const first = client.acquire("a", { owner: "me" })
    client.settle()
    first.lock!.release(() => {})
    client.refuse(client.take()[0]!, new NoLeader({}))
    const second = client.acquire("a", { owner: "me" })
    client.live(1000)
    assert.isAbove(second.lock!.token, first.lock!.facts.token)
    assert.deepStrictEqual(client.holders("a"), [second.lock!.token])
  })

  it("wait in one place of the queue, which stays when one of them gives up", () => {
    const client = makeByHand()
    const held = client.acquire("a")
    client.settle()
    const [one, two] = [client.acquire("a", { owner: "me" }), client.acquire("a", { owner: "me" })]
    client.settle()
    const behind = client.acquire("a")
    client.live(1000)
    assert.strictEqual(client.queueLength("a"), 2)
    one.acquisition.cancel()
    client.live(1000)
    assert.deepStrictEqual([client.queueLength("a"), two.refusal], [2, null])
    held.lock!.release(() => {})
    client.settle()
    assert.deepStrictEqual([two.lock?.state, behind.lock], ["held", null])
  })

  it("wait in one place of the queue for as long as the most patient of them, whichever came first", () => {
    for (const [first, second] of [[3000, 60_000], [60_000, 3000]] as const) {
      const client = makeByHand()
      const held = client.acquire("a")
      client.settle()
      const one = client.acquire("a", { owner: "me", waitMillis: first })
      client.live(500)
      const two = client.acquire("a", { owner: "me", waitMillis: second })
      client.live(500)
      const behind = client.acquire("a")
      client.live(1900)
      const [short, long] = first < second ? [one, two] : [two, one]
      assert.deepStrictEqual([short.refusal, long.refusal], [null, null])
      client.live(2000)
      assert.deepStrictEqual([short.refusal, long.refusal, client.queueLength("a")], ["WaitTimeout", null, 2])
      held.lock!.release(() => {})
      client.settle()
      assert.deepStrictEqual([long.lock?.state, behind.lock], ["held", null])
    }
  })

  it("leave the queue in time when the patient one has given up before", () => {
    const client = makeByHand()
    client.acquire("a")
    client.settle()
    const short = client.acquire("a", { owner: "me", waitMillis: 3000 })
    client.settle()
    const long = client.acquire("a", { owner: "me", waitMillis: 60_000 })
    client.live(1000)
    long.acquisition.cancel()
    client.live(2200)
    assert.deepStrictEqual([short.refusal, client.queueLength("a")], ["WaitTimeout", 0])
  })

  it("are told how the lock is, when one waits already and another does not want to", () => {
    const client = makeByHand()
    const held = client.acquire("a")
    client.settle()
    const waiting = client.acquire("a", { owner: "me" })
    client.settle()
    const trying = client.acquire("a", { owner: "me", waitMillis: null })
    client.settle()
    assert.deepStrictEqual([trying.refusal, waiting.refusal, client.queueLength("a")], ["LockHeld", null, 1])
    held.lock!.release(() => {})
    client.settle()
    assert.strictEqual(waiting.lock?.state, "held")
  })

  it("have nothing to do with an acquire that named no owner, whatever they are called", () => {
    const client = makeByHand()
    const first = client.acquire("a")
    client.settle()
    const owners = ["", "0", "1", "me"].map((owner) => client.acquire("a", { owner }))
    client.settle()
    assert.isNotNull(first.lock)
    assert.deepStrictEqual(owners.map(({ lock }) => lock), [null, null, null, null])
  })
})
