/**
 * A client and its node: when it is left, and how often another one is tried.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue } from "effect"
import { TestClock } from "effect/testing"
import { NoLeader, OutcomeUnknown, Overloaded } from "../../src/api/Problems.ts"
import { NoAnswer } from "../../src/client/ClientErrors.ts"
import { makeWishes, run } from "../../src/client/engine/Connecting.ts"
import { makeByHand } from "./ByHand.ts"

/** How long a client bears the silence of a node that owes it an answer, and how often it asks meanwhile. */
const patience = (ttlMillis: number) => {
  const client = makeByHand()
  client.acquire("a", { ttlMillis })
  client.settle()
  client.acquire("a", { ttlMillis })
  client.take()
  let millis = 0
  let questions = 0
  for (let isLeft = false; !isLeft && millis < 10_000; millis += 50) {
    client.pass(50)
    isLeft = client.engine.tend()
    questions += client.take().filter(({ operation }) => operation._tag === "Ping").length
  }
  return { millis, questions }
}

describe("A node that is silent", () => {
  it("is asked whether it is there, and left in time for a renewal with another", () => {
    assert.deepStrictEqual(patience(15_000), { millis: 3050, questions: 2 })
    assert.deepStrictEqual(patience(2000), { millis: 550, questions: 3 })
    assert.deepStrictEqual(patience(1000), { millis: 300, questions: 2 })
  })

  it("because nothing was asked is not left when something is", () => {
    const client = makeByHand()
    client.acquire("a")
    client.acquire("b", { ttlMillis: 1000 })
    client.settle()
    client.acquire("a")
    client.take()
    for (let millis = 0; millis < 700; millis += 50) {
      client.pass(50)
      assert.isFalse(client.engine.tend())
    }
    client.acquire("b", { ttlMillis: 1000 })
    client.take()
    assert.isFalse(client.engine.tend())
  })
})

describe("A session that no node opens", () => {
  it("is why an acquire in it is refused", () => {
    const unknown = new OutcomeUnknown({})
    for (const problem of [new NoLeader({}), new Overloaded({ detail: "Too many sessions." }), unknown]) {
      const client = makeByHand()
      const asked = client.acquire("a", { waitMillis: 2000 })
      client.refuse(client.take()[0]!, problem)
      client.pass(2050)
      client.engine.tend()
      assert.strictEqual(asked.refusal, problem === unknown ? "Unavailable" : problem._tag)
    }
  })
})

describe("A client without a node", () => {
  it("keeps nothing to be sent, however long that lasts and whatever is begun and given up meanwhile", () => {
    const client = makeByHand()
    const ttlMillis = 3_600_000
    const held = client.acquire("a", { ttlMillis })
    client.acquire("a", { ttlMillis })
    client.settle()
    held.lock!.release(() => {})
    client.take()
    client.engine.unlinked()
    for (let millis = 0; millis < 300_000; millis += 50) {
      if (millis % 200 === 0) client.acquire("b", { ttlMillis }).acquisition.cancel()
      client.pass(50)
      client.engine.tend()
    }
    assert.strictEqual(Queue.sizeUnsafe(client.engine.options.outbox), 0)
    client.engine.linked()
    assert.deepStrictEqual(client.take().map(({ operation }) => operation._tag).toSorted(), ["Acquire", "Release"])
  })
})

describe("A node that ends each connection at once", () => {
  it.effect("is tried again after ever longer pauses", () =>
    Effect.gen(function*() {
      let connections = 0
      const { engine } = makeByHand()
      const transport = {
        nodes: ["n"],
        followsLeader: false,
        watch: () => Effect.die("nobody watches here") as never,
        connect: (address: string) =>
          Effect.sync(() => {
            connections += 1
            const ended = Effect.fail(new NoAnswer({ address, why: "ended the connection" }))
            return { address, send: () => Effect.void, ended }
          })
      }
      yield* Effect.forkChild(run(engine, transport, makeWishes()))
      yield* Effect.replicateEffect(TestClock.adjust(50), 200, { discard: true })
      assert.isAtLeast(connections, 10)
      assert.isAtMost(connections, 30)
    }))
})
