/** `--watch`: again every second, in place on a terminal, and over as soon as a look fails. */
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect, Fiber } from "effect"
import { TestClock, TestConsole } from "effect/testing"
import { watched } from "../../src/cli/Watched.ts"

const counting = () => {
  let count = 0
  return Effect.suspend(() => Console.log(`look ${count += 1}\nmore`))
}

const shown = (isTerminal: boolean) =>
  Effect.gen(function*() {
    const watching = yield* Effect.forkChild(watched(true, counting(), isTerminal))
    yield* TestClock.adjust(999)
    assert.lengthOf(yield* TestConsole.logLines, 1)
    yield* TestClock.adjust(1)
    yield* Fiber.interrupt(watching)
    return yield* TestConsole.logLines
  }).pipe(Effect.provide(TestConsole.layer, { local: true }))

describe("A command that is watched", () => {
  it.effect("shows it again a second later, each line over the one that was there", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* shown(true), [1, 2].map((n) => `\u001b[Hlook ${n}\u001b[K\nmore\u001b[K\n\u001b[J`))
    }))

  it.effect("shows one after the other where no terminal reads it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* shown(false), ["look 1\nmore", "look 2\nmore"])
    }))

  it.effect("is over when it fails", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Effect.flip(watched(true, Effect.fail("no node"), true)), "no node")
    }))

  it.effect("shows it once unless it is asked to go on", () =>
    Effect.gen(function*() {
      yield* watched(false, counting(), true)
      assert.deepStrictEqual(yield* TestConsole.logLines, ["look 1\nmore"])
    }).pipe(Effect.provide(TestConsole.layer, { local: true })))
})
