/**
 * Who is a peer changes while nodes run: new ones are dialed, and old ones let go.
 */
import { assert, type Vitest } from "@effect/vitest"
import { Effect, Latch, Scope } from "effect"
import type { NodeId } from "../../../src/raft/Membership.ts"
import { numbered, type TestNode } from "../../node/transport/Node.ts"
import {
  collect,
  expectNext,
  expectSilence,
  type Ground,
  linked,
  n1,
  n2,
  n3,
  next,
  numbersIn,
  type On,
  stranger
} from "./Ground.ts"

/** Names the peers of a node at their usual addresses. */
export const name = (ground: Ground, node: TestNode, ...peers: ReadonlyArray<NodeId>) =>
  node.setPeers(new Map(peers.map((peer) => [peer, ground.address(node.id, peer)])))

export const expectLink = Effect.fnUntraced(function*(ground: Ground, a: TestNode, b: TestNode) {
  assert.strictEqual((yield* expectNext(ground, a, "Connected")).peer, b.id)
  assert.strictEqual((yield* expectNext(ground, b, "Connected")).peer, a.id)
  yield* a.offer(b.id, [numbered(1)])
  yield* b.offer(a.id, [numbered(2)])
  assert.deepStrictEqual(yield* collect(ground, b, 1), [1])
  assert.deepStrictEqual(yield* collect(ground, a, 1), [2])
})

export const peers = (test: Vitest.Tester<Scope.Scope>, on: On): void => {
  test(
    "are dialed when they are named, and not before",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1, [])
      const b = yield* ground.open(n2, [])
      yield* expectSilence(ground, a, "300 millis")
      yield* name(ground, a, n2)
      yield* name(ground, b, n1)
      yield* expectLink(ground, a, b)
    }))
  )

  test(
    "are let go when they are named no more, are told why they do not get in, and come back when they are named",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      const c = yield* ground.open(n3)
      for (const node of [a, b, c, c]) yield* expectNext(ground, node, "Connected")
      a.admit = ({ nodeId }) => nodeId === n2 ? stranger : null
      yield* name(ground, a, n3)
      assert.strictEqual((yield* expectNext(ground, a, "Disconnected")).peer, n2)
      assert.strictEqual((yield* expectNext(ground, b, "Disconnected")).peer, n1)
      const refused = yield* expectNext(ground, b, "Refused")
      assert.deepStrictEqual([refused.peer, refused.refusal], [n1, stranger])
      yield* a.offer(n2, [numbered(7)])
      yield* a.offer(n3, [numbered(8)])
      assert.deepStrictEqual(yield* collect(ground, c, 1), [8])
      yield* expectSilence(ground, a, "300 millis")
      a.admit = () => null
      yield* name(ground, a, n2, n3)
      while ((yield* next(ground, b))._tag === "Refused") continue
      assert.strictEqual((yield* expectNext(ground, a, "Connected")).peer, n2)
      yield* b.offer(n1, [numbered(9)])
      assert.deepStrictEqual(yield* collect(ground, a, 1), [9])
    }))
  )

  test(
    "are dialed anew when their address changes, and not when it does not",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      yield* name(ground, a, n2)
      yield* expectSilence(ground, a, "100 millis")
      yield* a.setPeers(new Map([[n2, ground.ownAddress(n2)]]))
      for (const node of [a, b]) yield* expectNext(ground, node, "Disconnected")
      yield* expectLink(ground, a, b)
    }))
  )

  test(
    "let go and named again in one breath begin anew, and the node is told so in order, once it listens",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      const gate = yield* Latch.make()
      a.gate = gate.await
      for (let times = 0; times < 5; times++) {
        yield* name(ground, a)
        yield* name(ground, a, n2)
      }
      yield* ground.pass("1 second")
      yield* gate.open
      yield* expectNext(ground, a, "Disconnected")
      yield* expectNext(ground, a, "Connected")
      yield* a.offer(n2, [numbered(1)])
      // The other node may be told of its links later than this one.
      let event = yield* next(ground, b)
      while (event._tag !== "Received") event = yield* next(ground, b)
      assert.deepStrictEqual(numbersIn([event]), [1])
      yield* expectSilence(ground, a, "300 millis")
    }))
  )
}
