/**
 * The transport over a network in memory keeps the contract, and the network does what its verbs say:
 * at the time it should, in the order it should, and the same again from the same seed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Queue, Random, Scope } from "effect"
import { TestClock } from "effect/testing"
import type { TransportEvent } from "../../../src/node/Transport.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { transportContract } from "../../contract/Transport.ts"
import { type MemoryGround, memoryGround, memoryGroundOf, pass, until } from "./MemoryGround.ts"
import { numbered, type TestNode } from "./Node.ts"

const contract = (speaking: Parameters<typeof transportContract>[3]["speaking"]) =>
  transportContract("TransportMemory", it.effect, memoryGroundOf, { concurrent: false, speaking })

contract("version 1")
contract("versions 1 and 2 with version 1")
contract("version 1 with versions 1 and 2")
contract("versions 1 and 2")

const [n1, n2, n3] = [NodeId.make("n1"), NodeId.make("n2"), NodeId.make("n3")]

/** Opens nodes, and forgets that they were told of each other. */
const linked = Effect.fnUntraced(function*(ground: MemoryGround, ids: ReadonlyArray<NodeId>) {
  const nodes: Array<TestNode> = []
  for (const id of ids) nodes.push(yield* ground.open(id))
  yield* pass("100 millis")
  for (const { events } of nodes) {
    const known = yield* Queue.clear(events)
    assert.strictEqual(known.filter(({ _tag }) => _tag === "Connected").length, ids.length - 1)
  }
  return nodes
})

const tags = (node: TestNode) => Effect.map(Queue.clear(node.events), (events) => events.map(({ _tag }) => _tag))

const numbers = (events: ReadonlyArray<TransportEvent>) =>
  events.flatMap((event) =>
    event._tag === "Received"
      ? event.messages.map((message) => message._tag === "Propose" ? Number(message.request) : NaN)
      : []
  )

describe("Network.hold", () => {
  it.effect("keeps what one says to the other in the air, and release lets it arrive in order", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      const [a, b] = yield* linked(ground, [n1, n2])
      yield* ground.network.hold(n1, n2)
      for (const n of [1, 2, 3]) yield* a!.offer(n2, [numbered(n)])
      yield* b!.offer(n1, [numbered(9)])
      yield* pass("300 millis")
      assert.deepStrictEqual(yield* tags(b!), [])
      assert.deepStrictEqual(numbers(yield* Queue.clear(a!.events)), [9])
      yield* ground.network.release(n1, n2)
      yield* pass(0)
      assert.deepStrictEqual(numbers(yield* Queue.clear(b!.events)), [1, 2, 3])
    }))
})

describe("Network.delay", () => {
  it.effect("makes everything arrive when its time has come, and not before", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      const [a, b] = yield* linked(ground, [n1, n2])
      yield* ground.network.delay(n1, n2, "40 millis")
      yield* a!.offer(n2, [numbered(1)])
      yield* pass("10 millis")
      yield* a!.offer(n2, [numbered(2)])
      yield* pass("29 millis")
      assert.deepStrictEqual(yield* tags(b!), [])
      yield* pass("1 millis")
      assert.deepStrictEqual(numbers(yield* Queue.clear(b!.events)), [1])
      yield* pass("9 millis")
      assert.deepStrictEqual(yield* tags(b!), [])
      yield* pass("1 millis")
      assert.deepStrictEqual(numbers(yield* Queue.clear(b!.events)), [2])
    }))

  it.effect("lets nothing overtake what is under way", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      const [a, b] = yield* linked(ground, [n1, n2])
      yield* ground.network.delay(n1, n2, "40 millis")
      yield* a!.offer(n2, [numbered(1)])
      yield* ground.network.delay(n1, n2, 0)
      yield* a!.offer(n2, [numbered(2)])
      yield* pass("39 millis")
      assert.deepStrictEqual(yield* tags(b!), [])
      yield* pass("1 millis")
      assert.deepStrictEqual(numbers(yield* Queue.clear(b!.events)), [1, 2])
    }))

  it.effect("delays a link as well, by the trips that its introduction takes", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      yield* ground.network.delay(n1, n2, "30 millis")
      const a = yield* ground.open(n1)
      yield* ground.open(n2)
      yield* pass("149 millis")
      assert.deepStrictEqual(yield* tags(a), [])
      yield* until(Queue.take(a.events))
    }))
})

describe("Network.crash", () => {
  it.effect("tells the peers at once and the crashed node nothing, and lets it come back", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      const scope = yield* Scope.make()
      const b = yield* Scope.provide(ground.open(n2), scope)
      const a = yield* ground.open(n1)
      yield* pass("100 millis")
      assert.deepStrictEqual([yield* tags(a), yield* tags(b)], [["Connected"], ["Connected"]])
      yield* ground.network.crash(n2)
      yield* b.offer(n1, [numbered(1)])
      yield* pass(0)
      assert.deepStrictEqual(yield* tags(a), ["Disconnected"])
      assert.deepStrictEqual(yield* tags(b), [])
      yield* Scope.close(scope, Exit.void)
      yield* pass("5 seconds")
      assert.deepStrictEqual(yield* tags(a), [])
      yield* ground.open(n2)
      yield* pass("600 millis")
      assert.deepStrictEqual(yield* tags(a), ["Connected"])
    }))
})

describe("Network.isolate", () => {
  it.effect("breaks all links of a node at once, and no other", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      const [a, b, c] = yield* linked(ground, [n1, n2, n3])
      yield* ground.network.isolate(n1)
      yield* b!.offer(n3, [numbered(1)])
      yield* pass(0)
      assert.deepStrictEqual(yield* tags(a!), ["Disconnected", "Disconnected"])
      assert.deepStrictEqual(yield* tags(b!), ["Disconnected"])
      assert.deepStrictEqual(yield* tags(c!), ["Disconnected", "Received"])
      yield* pass("5 seconds")
      assert.deepStrictEqual(yield* tags(a!), [])
      yield* ground.repair(n1, n3)
      yield* pass("500 millis")
      assert.deepStrictEqual([yield* tags(a!), yield* tags(b!), yield* tags(c!)], [["Connected"], [], ["Connected"]])
    }))

  it.effect("is noticed only by silence when it is silent: after a second, and within a quarter more", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      const [a, b] = yield* linked(ground, [n1, n2])
      yield* ground.network.isolate(n1, { silent: true })
      // The last keep-alive came up to a quarter of a second ago.
      yield* pass("749 millis")
      assert.deepStrictEqual([yield* tags(a!), yield* tags(b!)], [[], []])
      yield* pass("501 millis")
      assert.deepStrictEqual([yield* tags(a!), yield* tags(b!)], [["Disconnected"], ["Disconnected"]])
    }))
})

describe("many who send to a peer that does not keep up", () => {
  it.effect("are let go as there is room, and not all at once", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      const [a, b] = yield* linked(ground, [n1, n2])
      const turns = yield* Queue.unbounded<void>()
      b!.gate = Queue.take(turns)
      let sent = 0
      const sending = Effect.tap(a!.send(n2, [numbered(1, 200 * 1024)]), () => Effect.sync(() => sent++))
      for (let senders = 0; senders < 20; senders++) yield* Effect.forkChild(sending)
      yield* pass("100 millis")
      const before = sent
      assert.isBelow(before, 5)
      for (let room = 1; room <= 5; room++) {
        yield* Queue.offer(turns, undefined)
        yield* pass("100 millis")
        assert.strictEqual(sent, before + room)
      }
    }))
})

describe("a network in memory", () => {
  /** What three nodes hear in half a hard minute, and when. */
  const trace = Effect.gen(function*() {
    const ground = yield* memoryGround
    const nodes = [yield* ground.open(n1), yield* ground.open(n2), yield* ground.open(n3)]
    const heard: Array<string> = []
    for (let millis = 0; millis < 30_000; millis += 50) {
      const [from, to] = yield* Random.shuffle([n1, n2, n3])
      const fault = yield* Random.nextIntBetween(0, 100)
      if (fault < 4) yield* ground.partition(from!, to!)
      else if (fault < 6) yield* ground.hold(from!, to!)
      else if (fault < 10) yield* ground.network.delay(from!, to!, fault)
      else if (fault < 30) yield* ground.repair(from!, to!)
      yield* nodes[0]!.offer(n2, [numbered(millis)])
      yield* nodes[2]!.send(n1, [numbered(millis)]).pipe(Effect.forkScoped)
      yield* TestClock.adjust("50 millis")
      for (const { events, id } of nodes) {
        for (const event of yield* Queue.clear(events)) heard.push(`${millis} ${id} ${event.peer} ${event._tag}`)
      }
    }
    return heard
  }).pipe(Effect.scoped)

  it.effect("does the same again from the same seed, and something else from another", () =>
    Effect.gen(function*() {
      const first = yield* Effect.provide(Random.withSeed(trace, 1), TestClock.layer())
      const again = yield* Effect.provide(Random.withSeed(trace, 1), TestClock.layer())
      const other = yield* Effect.provide(Random.withSeed(trace, 2), TestClock.layer())
      assert.isAbove(first.filter((line) => line.endsWith("Disconnected")).length, 10)
      assert.deepStrictEqual(again, first)
      assert.notDeepEqual(other, first)
    }))
})
