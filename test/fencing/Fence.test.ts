/**
 * The fence inside a process: who passes, who waits for whom, and that to forget lets nobody through.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch, Scope } from "effect"
import { type Fence, makeFence, StaleToken } from "../../src/fencing/Fence.ts"

const use = (fence: Fence, resource: string, token: number) => Effect.exit(Effect.scoped(fence.enter(resource, token)))

const staleness = (resource: string, token: number, highest: number) =>
  Exit.fail(new StaleToken({ resource, token, highest }))

/** Somebody who is inside until told to leave. */
const inside = Effect.fnUntraced(function*(fence: Fence, token: number) {
  const scope = yield* Scope.make()
  const entered = yield* Effect.forkChild(Scope.provide(fence.enter("a", token), scope))
  yield* Effect.yieldNow
  return { entered, hasEntered: () => entered.pollUnsafe() !== undefined, leave: Scope.close(scope, Exit.void) }
})

describe("A fence", () => {
  it.effect("refuses a token below the highest of its resource", () =>
    Effect.gen(function*() {
      const fence = makeFence()
      for (const token of [33, 33, 34, 34]) assert.deepStrictEqual(yield* use(fence, "a", token), Exit.void)
      assert.deepStrictEqual(yield* use(fence, "a", 33), staleness("a", 33, 34))
      assert.deepStrictEqual(yield* use(fence, "b", 33), Exit.void)
    }))

  it.effect("lets one holder in as often as it likes at a time", () =>
    Effect.gen(function*() {
      const fence = makeFence()
      const [first, second] = [yield* inside(fence, 1), yield* inside(fence, 1)]
      assert.deepStrictEqual([first.hasEntered(), second.hasEntered()], [true, true])
    }))

  it.effect("lets a new holder in when the last of the old one is out, and none of the old one after it has come", () =>
    Effect.gen(function*() {
      const fence = makeFence()
      const [first, second] = [yield* inside(fence, 1), yield* inside(fence, 1)]
      const later = yield* inside(fence, 2)
      assert.isFalse(later.hasEntered())
      assert.deepStrictEqual(yield* use(fence, "a", 1), staleness("a", 1, 2))
      yield* first.leave
      yield* Effect.yieldNow
      assert.isFalse(later.hasEntered())
      yield* second.leave
      yield* Fiber.join(later.entered)
    }))

  it.effect("refuses who waited while a later one came", () =>
    Effect.gen(function*() {
      const fence = makeFence()
      const first = yield* inside(fence, 1)
      const second = yield* inside(fence, 2)
      const third = yield* inside(fence, 3)
      yield* first.leave
      assert.deepStrictEqual(yield* Fiber.await(second.entered), staleness("a", 2, 3))
      yield* Fiber.join(third.entered)
    }))

  it.effect("holds nobody up for one who gave up waiting", () =>
    Effect.gen(function*() {
      const fence = makeFence()
      const first = yield* inside(fence, 1)
      const second = yield* inside(fence, 2)
      yield* Fiber.interrupt(second.entered)
      yield* first.leave
      assert.deepStrictEqual(yield* use(fence, "a", 2), Exit.void)
      assert.deepStrictEqual(yield* use(fence, "a", 3), Exit.void)
    }))

  it.effect("lets nobody pass for having forgotten a resource, and forgets none that is in use", () =>
    Effect.gen(function*() {
      const fence = makeFence({ resourcesMax: 2 })
      yield* use(fence, "a", 7)
      const latch = yield* Latch.make()
      const busy = yield* Effect.forkChild(Effect.scoped(Effect.andThen(fence.enter("b", 9), latch.await)))
      yield* Effect.yieldNow
      yield* use(fence, "c", 5)
      // "a" is forgotten by now, and whatever is not remembered is held to its 7.
      assert.deepStrictEqual(yield* use(fence, "a", 6), staleness("a", 6, 7))
      assert.deepStrictEqual(yield* use(fence, "b", 8), staleness("b", 8, 9))
      assert.deepStrictEqual(yield* use(fence, "d", 7), Exit.void)
      yield* latch.open
      yield* Fiber.join(busy)
    }))
})
