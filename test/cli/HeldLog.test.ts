/**
 * Lines of nodes that start do not bury what is printed when they have started.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestConsole } from "effect/testing"
import * as HeldLog from "../../src/cli/dev/HeldLog.ts"

it.effect("Lines are held back until they are released, keep their order, and come at once from then on", () =>
  Effect.gen(function*() {
    const log = HeldLog.make()
    yield* log.print("first")
    yield* log.print("second")
    assert.deepStrictEqual(yield* TestConsole.errorLines, [])
    yield* log.release
    assert.deepStrictEqual(yield* TestConsole.errorLines, ["first", "second"])
    yield* log.print("third")
    yield* log.release
    assert.deepStrictEqual(yield* TestConsole.errorLines, ["first", "second", "third"])
  }))
