/**
 * Nodes that nobody has named, and that ask to join: they are heard if they are admitted, and forgotten
 * when they go.
 */
import type { Vitest } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { expectNext, expectSilence, n1, n2, n3, type On, stranger } from "./Ground.ts"
import { expectLink, name } from "./Peers.ts"

export const joiners = (test: Vitest.Tester<Scope.Scope>, on: On): void => {
  test(
    "are peers when they are admitted, until they go",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1, [])
      const scope = yield* Scope.make()
      const b = yield* Scope.provide(ground.open(n2, [n1]), scope)
      yield* expectLink(ground, a, b)
      yield* name(ground, a, n3)
      yield* expectSilence(ground, a, "300 millis")
      yield* Scope.close(scope, Exit.void)
      yield* expectNext(ground, a, "Disconnected")
      yield* ground.open(n2, [])
      yield* expectSilence(ground, a, "1500 millis")
    }))
  )

  test(
    "stay when they are named, and are dialed from then on",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1, [])
      const scope = yield* Scope.make()
      const b = yield* Scope.provide(ground.open(n2, [n1]), scope)
      yield* expectLink(ground, a, b)
      yield* a.setPeers(new Map([[n2, ground.ownAddress(n2)]]))
      yield* expectSilence(ground, a, "300 millis")
      yield* name(ground, a, n2)
      yield* expectNext(ground, a, "Disconnected")
      yield* expectNext(ground, b, "Disconnected")
      yield* expectLink(ground, a, b)
      yield* Scope.close(scope, Exit.void)
      yield* expectNext(ground, a, "Disconnected")
      yield* expectLink(ground, a, yield* ground.open(n2, []))
      a.admit = () => stranger
      yield* name(ground, a)
      yield* expectNext(ground, a, "Disconnected")
    }))
  )
}
