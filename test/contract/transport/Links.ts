/**
 * How links come and go: one event for each, on both sides, as soon as it is so, and none for what
 * never stood.
 */
import { assert, type Vitest } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { numbered } from "../../node/transport/Node.ts"
import { collect, expectNext, expectSilence, n1, n2, n3, type On } from "./Ground.ts"

export const links = (test: Vitest.Tester<Scope.Scope>, on: On, agreed: number): void => {
  test(
    "tells both nodes of their link, with what the other says of itself, in the newest version that both speak",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1)
      const b = yield* ground.open(n2)
      const atA = yield* expectNext(ground, a, "Connected")
      const atB = yield* expectNext(ground, b, "Connected")
      assert.deepStrictEqual([atA.peer, atA.hello.nodeId, atA.hello.storeId], [n2, n2, "store-2"])
      assert.deepStrictEqual([atB.peer, atB.hello.nodeId, atB.hello.storeId], [n1, n1, "store-1"])
      assert.deepStrictEqual([atA.version, atB.version], [agreed, agreed])
    }))
  )

  test(
    "tells a node at once that its peer has gone, and once",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1)
      const scope = yield* Scope.make()
      yield* Scope.provide(ground.open(n2), scope)
      yield* expectNext(ground, a, "Connected")
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* expectNext(ground, a, "Disconnected")).peer, n2)
      yield* expectSilence(ground, a, "300 millis")
    }))
  )

  test(
    "links again with a peer that has come back, and shows what is new about it",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1)
      const scope = yield* Scope.make()
      yield* Scope.provide(ground.open(n2), scope)
      yield* expectNext(ground, a, "Connected")
      yield* Scope.close(scope, Exit.void)
      yield* expectNext(ground, a, "Disconnected")
      const b = yield* ground.open(n2)
      assert.strictEqual((yield* expectNext(ground, a, "Connected")).hello.storeId, "store-3")
      yield* expectNext(ground, b, "Connected")
      yield* b.offer(n1, [numbered(7)])
      assert.deepStrictEqual(yield* collect(ground, a, 1), [7])
    }))
  )

  test(
    "links every node with every other",
    on(Effect.fnUntraced(function*(ground) {
      for (const node of [yield* ground.open(n1), yield* ground.open(n2), yield* ground.open(n3)]) {
        const peers = [yield* expectNext(ground, node, "Connected"), yield* expectNext(ground, node, "Connected")]
        assert.sameMembers(peers.map(({ peer }) => peer), [n1, n2, n3].filter((id) => id !== node.id))
      }
    }))
  )
}
