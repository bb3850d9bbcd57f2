/**
 * What breaks between nodes, and what comes back: links end in pairs of events and begin anew, and
 * nothing of an old link is heard on a new one.
 */
import { assert, type Vitest } from "@effect/vitest"
import { type Duration, Effect, Queue, Scope } from "effect"
import type { TransportEvent } from "../../../src/node/Transport.ts"
import { numbered } from "../../node/transport/Node.ts"
import { collect, expectNext, expectSilence, linked, n1, n2, n3, type On, range } from "./Ground.ts"

export const faults = (test: Vitest.Tester<Scope.Scope>, on: On): void => {
  test(
    "tells both of a broken link, and links them again after the repair; what was said meanwhile is lost",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      yield* ground.partition(n1, n2)
      yield* expectNext(ground, a, "Disconnected")
      yield* expectNext(ground, b, "Disconnected")
      yield* a.offer(n2, [numbered(1)])
      yield* expectSilence(ground, a, "300 millis")
      yield* expectSilence(ground, b, 0)
      yield* ground.repair(n1, n2)
      yield* expectNext(ground, a, "Connected")
      yield* expectNext(ground, b, "Connected")
      yield* a.offer(n2, [numbered(2)])
      assert.deepStrictEqual(yield* collect(ground, b, 1), [2])
    }))
  )

  test(
    "lets go of a link that is silent, in time and not before, and speaks again soon after the repair",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      yield* ground.hold(n1, n2)
      yield* ground.hold(n2, n1)
      yield* a.offer(n2, [numbered(1)])
      yield* expectSilence(ground, a, "600 millis")
      yield* expectSilence(ground, b, 0)
      for (const node of [a, b]) yield* expectNext(ground, node, "Disconnected")
      yield* ground.pass("800 millis")
      yield* ground.repair(n1, n2)
      yield* expectNext(ground, a, "Connected")
      yield* expectNext(ground, b, "Connected")
      yield* a.offer(n2, [numbered(2)])
      assert.deepStrictEqual(yield* collect(ground, b, 1), [2])
    }))
  )

  test.each([[n1, n2], [n2, n1]])(
    "lets go of a link that is silent in one direction only: %s to %s",
    ([from, to]) =>
      on(Effect.fnUntraced(function*(ground) {
        const [a, b] = yield* linked(ground)
        yield* ground.hold(from!, to!)
        yield* ground.pass("2 seconds")
        yield* expectNext(ground, a, "Disconnected")
        yield* expectNext(ground, b, "Disconnected")
      }))()
  )

  test(
    "keeps a link that has been silent for less than it may, and loses nothing of it",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      yield* ground.hold(n1, n2)
      yield* a.offer(n2, [numbered(1)])
      yield* expectSilence(ground, b, "500 millis")
      yield* ground.repair(n1, n2)
      assert.deepStrictEqual(yield* collect(ground, b, 1), [1])
      yield* expectSilence(ground, a, "700 millis")
    }))
  )

  test(
    "breaks one link and no other",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      const c = yield* ground.open(n3)
      for (const node of [a, b, c, c]) yield* expectNext(ground, node, "Connected")
      yield* ground.partition(n1, n2)
      yield* expectNext(ground, a, "Disconnected")
      yield* expectNext(ground, b, "Disconnected")
      yield* a.offer(n3, [numbered(1)])
      yield* c.offer(n2, [numbered(2)])
      assert.deepStrictEqual(yield* collect(ground, c, 1), [1])
      assert.deepStrictEqual(yield* collect(ground, b, 1), [2])
      yield* expectSilence(ground, c, "500 millis")
    }))
  )

  test(
    "tells of links in pairs, and of messages within them, whatever happens between the nodes",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      for (const round of range(12)) {
        yield* a.offer(n2, [numbered(round)])
        yield* b.offer(n1, [numbered(round)])
        yield* round % 3 === 2 ? ground.hold(n1, n2) : ground.partition(n1, n2)
        yield* ground.pass(["0 millis", "15 millis", "60 millis", "150 millis"][round % 4] as Duration.Input)
        yield* ground.repair(n1, n2)
        yield* ground.pass(["0 millis", "40 millis", "120 millis"][round % 3] as Duration.Input)
      }
      yield* ground.pass("1500 millis")
      for (const node of [a, b]) assertPaired(yield* Queue.clear(node.events))
    }))
  )
}

/** Starts linked, and must end so. */
const assertPaired = (events: ReadonlyArray<TransportEvent>): void => {
  let isLinked = true
  for (const { _tag } of events) {
    assert.strictEqual(_tag === "Connected", !isLinked, events.map((event) => event._tag).join(" "))
    if (_tag !== "Received") isLinked = !isLinked
  }
  assert.isTrue(isLinked)
  // How many more there are depends on how busy the machine is.
  assert.isAbove(events.filter(({ _tag }) => _tag === "Connected").length, 0)
}
