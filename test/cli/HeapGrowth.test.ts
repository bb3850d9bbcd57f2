/** When the heap of a node may grow how far. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import * as HeapGrowth from "../../src/cli/HeapGrowth.ts"

describe("The heap of a node", () => {
  it.effect("is left to V8 while it is small, and may grow by a quarter while it is large", () =>
    Effect.gen(function*() {
      let mebibytes = 20
      const allowed: Array<number> = []
      const heap = { usedBytes: () => mebibytes * 2 ** 20, allow: (percent: number) => void allowed.push(percent) }
      yield* Effect.forkScoped(HeapGrowth.watch(heap), { startImmediately: true })
      const allowedAt = (next: number) => {
        mebibytes = next
        return Effect.map(TestClock.adjust("1 second"), () => allowed.splice(0))
      }
      assert.deepStrictEqual(yield* allowedAt(256), [])
      assert.deepStrictEqual(yield* allowedAt(257), [25])
      assert.deepStrictEqual(yield* allowedAt(129), [])
      assert.deepStrictEqual(yield* allowedAt(300), [])
      assert.deepStrictEqual(yield* allowedAt(128), [0])
      assert.deepStrictEqual(yield* allowedAt(200), [])
    }))
})
