/**
 * Who is turned away, and what each side hears of it.
 */
import { assert, type Vitest } from "@effect/vitest"
import { Effect, Queue, Scope } from "effect"
import { numbered } from "../../node/transport/Node.ts"
import { collect, expectNext, expectSilence, n1, n2, n3, next, numbersIn, type On, stranger } from "./Ground.ts"

export const refusals = (test: Vitest.Tester<Scope.Scope>, on: On): void => {
  test(
    "tells a node why its peer turns it away, and links them when the peer changes its mind",
    on(Effect.fnUntraced(function*(ground) {
      const b = yield* ground.open(n2)
      b.admit = ({ nodeId }) => nodeId === n1 ? stranger : null
      const a = yield* ground.open(n1)
      const refused = yield* expectNext(ground, a, "Refused")
      assert.deepStrictEqual([refused.peer, refused.refusal], [n2, stranger])
      yield* a.offer(n2, [numbered(1)])
      yield* expectSilence(ground, b, "300 millis")
      b.admit = () => null
      yield* expectNext(ground, b, "Connected")
      while ((yield* next(ground, a))._tag !== "Connected") continue
      yield* a.offer(n2, [numbered(2)])
      assert.deepStrictEqual(yield* collect(ground, b, 1), [2])
    }))
  )

  test(
    "hears nobody that it turns away, and goes on with the others",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1)
      a.admit = ({ nodeId }) => nodeId === n2 ? stranger : null
      const b = yield* ground.open(n2)
      const c = yield* ground.open(n3)
      assert.strictEqual((yield* expectNext(ground, a, "Connected")).peer, n3)
      while ((yield* next(ground, b))._tag !== "Refused") continue
      while ((yield* next(ground, c)).peer !== n1) continue
      // On a busy machine a link may break for want of a sign of life, and lose what it carries: say it again.
      const heard: Array<number> = []
      while (!heard.includes(2)) {
        yield* b.offer(n1, [numbered(1)])
        yield* c.offer(n1, [numbered(2)])
        yield* ground.pass("200 millis")
        heard.push(...numbersIn(yield* Queue.clear(a.events)))
      }
      assert.notInclude(heard, 1)
    }))
  )
}
