/**
 * What becomes of messages on a link that stands.
 */
import { assert, type Vitest } from "@effect/vitest"
import { Effect, Schema, Scope } from "effect"
import { PeerMessage } from "../../../src/node/peers/PeerMessage.ts"
import { ourVersions, versionOf } from "../../../src/node/transport/Protocol.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { numbered } from "../../node/transport/Node.ts"
import { collect, expectNext, expectSilence, type Ground, linked, MiB, n1, n2, type On, range } from "./Ground.ts"

export const messages = (
  test: Vitest.Tester<Scope.Scope>,
  on: On,
  makeGround: Effect.Effect<Ground, never, Scope.Scope>,
  agreed: number
): void => {
  test(
    "keeps the order of messages, in both directions",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      for (const n of range(500)) {
        yield* n % 2 === 0 ? a.offer(n2, [numbered(n)]) : a.send(n2, [numbered(n)])
        yield* b.offer(n1, [numbered(n), numbered(n)])
      }
      assert.deepStrictEqual(yield* collect(ground, b, 500), range(500))
      assert.deepStrictEqual(yield* collect(ground, a, 1000), range(500).flatMap((n) => [n, n]))
    }))
  )

  test(
    "delivers together what was handed over together",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      yield* a.offer(n2, [numbered(1), numbered(2)])
      yield* a.offer(n2, [])
      yield* a.offer(n2, [numbered(3)])
      assert.deepStrictEqual((yield* expectNext(ground, b, "Received")).messages, [numbered(1), numbered(2)])
      assert.deepStrictEqual((yield* expectNext(ground, b, "Received")).messages, [numbered(3)])
    }))
  )

  test.prop(
    "carries every kind of message, as far as the version has words for it",
    { sent: Schema.Array(PeerMessage) },
    ({ sent }) =>
      Effect.scoped(Effect.gen(function*() {
        const ground = yield* makeGround
        const [a, b] = yield* linked(ground)
        const whole = sent.filter((message) => !/\\ud[89a-f]/.test(JSON.stringify(message)))
        yield* a.offer(n2, [...whole, numbered(0)])
        const { messages: said } = versionOf(agreed)
        const heard = said.decode(said.encode([...whole, numbered(0)]).slice())
        assert.deepStrictEqual((yield* expectNext(ground, b, "Received")).messages, heard)
        if (agreed === ourVersions.newest) assert.deepStrictEqual(heard, [...whole, numbered(0)])
      })),
    { arbitrary: { runs: 15 } }
  )

  test(
    "drops what is for nobody: a peer that is not linked, a stranger, the node itself",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1)
      for (const nobody of [n2, NodeId.make("n9"), n1]) {
        yield* a.offer(nobody, [numbered(1)])
        yield* a.send(nobody, [numbered(1)])
      }
      const b = yield* ground.open(n2)
      yield* expectNext(ground, b, "Connected")
      yield* expectNext(ground, a, "Connected")
      yield* a.offer(n2, [numbered(2)])
      assert.deepStrictEqual(yield* collect(ground, b, 1), [2])
      yield* expectSilence(ground, a, "50 millis")
    }))
  )

  test(
    "carries more than fits into one frame",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      yield* Effect.forkScoped(a.send(n2, range(17).map((n) => numbered(n, MiB))))
      assert.deepStrictEqual(yield* collect(ground, b, 17), range(17))
    }))
  )
}
