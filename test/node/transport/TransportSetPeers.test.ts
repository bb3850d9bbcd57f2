/**
 * Peers come and go at any moment of a handshake, and nothing of one that is gone is left: no event too
 * many or too few, no connection, no fiber.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Metric, Queue, Random } from "effect"
import type { TransportEvent } from "../../../src/node/Transport.ts"
import { make } from "../../../src/node/transport/Connection.ts"
import { Frame, smallBodyBytesMax } from "../../../src/node/transport/Frame.ts"
import { encodePreamble } from "../../../src/node/transport/Preamble.ts"
import { ourVersions } from "../../../src/node/transport/Protocol.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { type MemoryGround, memoryGround, pass, until } from "./MemoryGround.ts"
import { helloOf, type TestNode } from "./Node.ts"
import { answer, dial, speakTo } from "./Puppet.ts"
import { endOfLink, n1, n2, n3, stage, tags } from "./Stage.ts"

const stranger = { reason: "unknown-node", message: "no longer a member" } as const

const name = (ground: MemoryGround, node: TestNode, ...peers: ReadonlyArray<NodeId>) =>
  node.setPeers(new Map(peers.map((peer) => [peer, ground.address(node.id, peer)])))

/** Counts the fibers that an effect starts and that have not ended. */
const counting = () => {
  let fibers = 0
  const metrics = { recordFiberStart: () => void fibers++, recordFiberEnd: () => void fibers-- }
  return {
    fibers: () => fibers,
    count: <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.provideService(effect, Metric.FiberRuntimeMetrics, metrics)
  }
}

/** Links begin and end in turn, and messages come only within them; ends linked or not. */
const expectPaired = (events: ReadonlyArray<TransportEvent>, peer: NodeId): boolean => {
  let isLinked = false
  for (const { _tag } of events.filter((event) => event.peer === peer)) {
    if (_tag === "Refused") continue
    assert.strictEqual(_tag === "Connected", !isLinked, events.map((event) => event._tag).join(" "))
    if (_tag !== "Received") isLinked = !isLinked
  }
  return isLinked
}

describe("peers that are let go", () => {
  it.effect("leave no fiber behind, linked or dialed in vain, however often they come and go", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      const counter = counting()
      const node = yield* counter.count(Effect.orDie(ground.open(n1, [])))
      const other = yield* ground.open(n2, [])
      yield* pass("1 second")
      const none = counter.fibers()
      yield* name(ground, other, n1)
      yield* name(ground, node, n2, n3)
      yield* pass("1 second")
      assert.isAbove(counter.fibers(), none)
      for (let times = 0; times < 300; times++) {
        yield* name(ground, node, ...(yield* Random.shuffle([n2, n3])).slice(yield* Random.nextIntBetween(0, 2)))
        if (times % 7 === 0) yield* pass(yield* Random.nextIntBetween(0, 30))
      }
      yield* name(ground, other)
      yield* name(ground, node)
      yield* pass("2 seconds")
      assert.strictEqual(counter.fibers(), none)
      assert.isFalse(expectPaired(yield* Queue.clear(node.events), n2))
      assert.isFalse(expectPaired(yield* Queue.clear(other.events), n1))
    }).pipe(Random.withSeed("churn")))

  it.effect("are gone at whatever moment of a handshake, and can be taken back at any", () =>
    Effect.gen(function*() {
      for (let moment = 0; moment <= 30; moment++) {
        const ground = yield* memoryGround
        yield* ground.network.delay(n1, n2, "4 millis")
        const node = yield* ground.open(n1)
        yield* ground.open(n2)
        yield* pass(moment)
        node.admit = () => stranger
        yield* name(ground, node)
        yield* pass("500 millis")
        const events = yield* Queue.clear(node.events)
        assert.isFalse(expectPaired(events, n2), `let go after ${moment} ms`)
        node.admit = () => null
        yield* name(ground, node, n2)
        yield* pass("1 second")
        assert.isTrue(expectPaired(yield* Queue.clear(node.events), n2), `taken back after ${moment} ms`)
      }
    }).pipe(Effect.scoped))
})

describe("a handshake that is under way when the peer is let go", () => {
  it.effect("comes to nothing, though the peer had been admitted", () =>
    Effect.gen(function*() {
      const { ground, medium, node } = yield* stage
      const connection = yield* make(dial(medium, n1))
      connection.write(encodePreamble(ourVersions))
      connection.agreeOn(ourVersions.newest)
      connection.say(Frame.Hello({ hello: helloOf(n2, "puppet", "memory:1") }))
      yield* until(connection.preamble)
      assert.strictEqual((yield* until(connection.next(smallBodyBytesMax)))._tag, "Hello")
      node.admit = ({ nodeId }) => nodeId === n2 ? stranger : null
      yield* name(ground, node, n3)
      connection.say(Frame.Ready())
      assert.strictEqual(yield* endOfLink(connection), "closed")
      assert.deepStrictEqual(yield* tags(node), [])
    }))
})

describe("nodes that nobody has named", () => {
  const strangers = Array.from({ length: 20 }, (_, n) => NodeId.make(`stranger${n}`))

  it.effect("are only so many at a time, and make room when they go", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      const counter = counting()
      yield* counter.count(Effect.orDie(ground.open(n1, [])))
      yield* pass("1 second")
      const none = counter.fibers()
      for (const id of strangers) yield* answer(ground.network.medium(id), n1)
      const join = (id: NodeId) => until(Effect.result(speakTo(ground.network.medium(id), id, n1, "memory:1")))
      const joined = yield* Effect.forEach(strangers, join)
      const inside = joined.flatMap((result) => result._tag === "Success" ? [result.success] : [])
      assert.lengthOf(inside, 16)
      yield* pass("500 millis")
      inside[0]!.close("closed")
      yield* pass(0)
      assert.strictEqual((yield* join(strangers[19]!))._tag, "Success")
      assert.strictEqual((yield* join(strangers[18]!))._tag, "Failure")
      // The puppets do not keep themselves alive.
      yield* pass("3 seconds")
      assert.strictEqual(counter.fibers(), none)
    }))

  it.effect("are turned away with the name of the node itself", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      yield* ground.open(n1, [])
      yield* answer(ground.network.medium(n2), n1)
      const failure = yield* until(Effect.flip(speakTo(ground.network.medium(n2), n1, n1, "memory:1")))
      assert.strictEqual(failure._tag === "TurnedAway" && failure.refusal.reason, "unknown-node")
    }))
})
