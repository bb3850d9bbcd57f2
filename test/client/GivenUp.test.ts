/**
 * Sessions that a client has given up by its own clock, while the cluster still knows them: nobody waits for what is
 * left of their TTL once the client's program has let go of all that they held, and nobody gets it before.
 */
import { assert, describe, it } from "@effect/vitest"
import { makeByHand } from "./ByHand.ts"

/** Nothing is renewed until the client takes its locks for lost, and no longer: the cluster has a while to go. */
const lost = (client: ReturnType<typeof makeByHand>) => {
  client.engine.unlinked()
  client.pass(13_600)
  client.engine.linked()
}

describe("A session that the client gave up", () => {
  it("is ended when all that it held is let go of, and not before", () => {
    const client = makeByHand()
    const [one, two] = [client.acquire("a"), client.acquire("b")]
    client.settle()
    lost(client)
    assert.strictEqual(one.lock!.state, "lost")
    one.lock!.release(() => {})
    client.settle()
    assert.lengthOf(client.holders("a"), 1)
    assert.lengthOf(client.holders("b"), 1)
    two.lock!.release(() => {})
    client.settle()
    assert.deepStrictEqual([client.holders("a"), client.holders("b")], [[], []])
  })

  it("is ended also when its holder lets go in the moment in which it is told", () => {
    const client = makeByHand()
    const held = client.acquire("a")
    client.settle()
    const { lock } = held
    lock!.onLost(() => lock!.release(() => {}))
    lost(client)
    assert.strictEqual(lock!.state, "lost")
    client.settle()
    assert.deepStrictEqual(client.holders("a"), [])
  })

  it("does not refuse its own client an acquire that does not wait", () => {
    const client = makeByHand()
    const held = client.acquire("a")
    client.settle()
    lost(client)
    held.lock!.release(() => {})
    const again = client.acquire("a", { waitMillis: null })
    const [end, ...others] = client.take().toSorted((one, other) =>
      Number(other.operation._tag === "EndSession") - Number(one.operation._tag === "EndSession")
    )
    others.forEach(client.perform)
    client.hear()
    client.take().forEach(client.perform)
    client.hear()
    assert.isNull(again.refusal)
    client.perform(end!)
    client.settle()
    assert.strictEqual(again.lock?.state, "held")
  })

  it("keeps an acquire that does not wait no longer than that is tried, whoever has not heard of its end", () => {
    const client = makeByHand()
    const ttlMillis = 600_000
    const held = client.acquire("a", { ttlMillis })
    client.settle()
    client.pass(541_000)
    assert.strictEqual(held.lock!.state, "lost")
    held.lock!.release(() => {})
    const [end] = client.take()
    assert.strictEqual(end?.operation._tag, "EndSession")
    const again = client.acquire("a", { ttlMillis, waitMillis: null })
    client.live(4000)
    assert.isNull(again.refusal)
    client.live(2000)
    assert.strictEqual(again.refusal, "LockHeld")
    client.live(15_000)
    assert.deepStrictEqual(client.holders("a"), [])
  })

  it("is ended at once if what was granted in it was never heard of", () => {
    const client = makeByHand()
    const kept = client.acquire("b")
    client.settle()
    kept.lock!.release(() => {})
    client.settle()
    const asked = client.acquire("a")
    client.take().forEach(client.perform)
    client.lose()
    lost(client)
    client.settle()
    client.live(100)
    assert.strictEqual(asked.lock?.state, "held")
    assert.deepStrictEqual(client.holders("a"), [asked.lock!.token])
  })

  it("refuses its own client until its TTL ends what the program has not let go of", () => {
    const client = makeByHand()
    const held = client.acquire("a")
    client.settle()
    lost(client)
    assert.strictEqual(held.lock!.state, "lost")
    const again = client.acquire("a", { waitMillis: null })
    client.settle()
    assert.strictEqual(again.refusal, "LockHeld")
    client.pass(1500)
    const last = client.acquire("a", { waitMillis: null })
    client.settle()
    assert.strictEqual(last.lock?.state, "held")
  })

  it("is ended when the client is closed, whatever its program still has in hand", () => {
    const client = makeByHand()
    const held = client.acquire("a")
    client.settle()
    lost(client)
    assert.strictEqual(held.lock!.state, "lost")
    client.close()
    client.settle()
    assert.deepStrictEqual(client.holders("a"), [])
  })
})
