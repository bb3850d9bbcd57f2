/**
 * What a sender does when a peer does not keep up.
 */
import { assert, type Vitest } from "@effect/vitest"
import { Effect, Fiber, Latch, Scope } from "effect"
import { numbered } from "../../node/transport/Node.ts"
import { collect, expectNext, expectSilence, linked, MiB, n1, n2, n3, type On, range } from "./Ground.ts"

export const congestion = (test: Vitest.Tester<Scope.Scope>, on: On): void => {
  test(
    "drops what is offered to a peer that does not keep up, in bounds, keeps the link, and disturbs no other",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      const c = yield* ground.open(n3)
      for (const node of [a, b, c, c]) yield* expectNext(ground, node, "Connected")
      const gate = yield* Latch.make()
      b.gate = gate.await
      for (const n of range(400)) {
        yield* a.offer(n2, [numbered(n, MiB / 8)])
        if (n % 100 === 0) yield* a.offer(n3, [numbered(n)])
      }
      assert.deepStrictEqual(yield* collect(ground, c, 4), [0, 100, 200, 300])
      yield* expectSilence(ground, a, "1500 millis")
      yield* gate.open
      yield* ground.pass("300 millis")
      yield* a.offer(n2, [numbered(1000)])
      const numbers: Array<number> = []
      while (numbers.at(-1) !== 1000) numbers.push(...yield* collect(ground, b, 1))
      // 8 MiB wait here, and the kernel takes some more.
      assert.isAbove(numbers.length, 64)
      assert.isBelow(numbers.length, 300)
      assert.deepStrictEqual(numbers, numbers.toSorted((x, y) => x - y))
    }))
  )

  test(
    "makes a sender wait for a peer that does not keep up, and loses nothing",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      const gate = yield* Latch.make()
      b.gate = gate.await
      let sent = 0
      const sender = Effect.forEach(
        range(150),
        (n) => Effect.tap(a.send(n2, [numbered(n, MiB / 4)]), () => Effect.sync(() => sent++)),
        { discard: true }
      )
      yield* Effect.forkScoped(sender)
      yield* ground.pass("300 millis")
      assert.isBelow(sent, 150)
      yield* gate.open
      assert.deepStrictEqual(yield* collect(ground, b, 150), range(150))
      assert.strictEqual(sent, 150)
    }))
  )

  test(
    "writes at once, and says who does not keep up and has got nothing of it",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      const gate = yield* Latch.make()
      b.gate = gate.await
      // Nobody is linked as n3: what is written there is lost, and holds up nobody.
      const left = range(150).map((n) => a.write([n2, n3], [numbered(n, MiB / 4)]))
      assert.deepStrictEqual([left[0], left[149]], [[], [n2]])
      const written = range(150).filter((n) => left[n]?.length === 0)
      yield* gate.open
      assert.deepStrictEqual(yield* collect(ground, b, written.length), written)
      yield* a.send(n2, [numbered(150)])
      assert.deepStrictEqual(yield* collect(ground, b, 1), [150])
    }))
  )

  test(
    "lets a waiting sender go when the link ends",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      b.gate = Effect.never
      const sender = yield* Effect.forkScoped(
        Effect.forEach(range(200), (n) => a.send(n2, [numbered(n, MiB / 4)]), { discard: true })
      )
      yield* ground.pass("300 millis")
      assert.isUndefined(sender.pollUnsafe())
      yield* ground.partition(n1, n2)
      yield* ground.until(Fiber.join(sender))
      yield* expectNext(ground, a, "Disconnected")
    }))
  )
}
