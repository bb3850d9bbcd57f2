/** The tree against a sorted array, over runs long enough to split and to empty its nodes, and what it costs. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { OrderedIndex } from "../../src/lock/OrderedIndex.ts"

interface Item {
  readonly key: number
}

const make = () => new OrderedIndex<number, Item>((item) => item.key, (left, right) => left - right)
const keysFrom = (index: OrderedIndex<number, Item>, from: number) => [...index.from(from)].map((item) => item.key)

/** Large enough for three levels of nodes, which split at 64. */
const count = 20_000

/** A walk through all numbers below `count` in an order that is neither rising nor falling. */
const scattered = Array.from({ length: count }, (_, i) => (i * 7_919) % count)

const Act = Schema.Struct({
  does: Schema.Literals(["add a run", "remove a run", "add one", "remove one"]),
  at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 999 }))
})

describe("An ordered index", () => {
  it.prop("holds what a sorted array would, from any key on", { acts: Schema.Array(Act) }, ({ acts }) => {
    const index = make()
    const naive = new Set<number>()
    for (const { at, does } of acts) {
      const keys = does.endsWith("run") ? Array.from({ length: 150 }, (_, i) => at + i) : [at]
      for (const key of keys) {
        if (does.startsWith("remove")) index.remove(key)
        else if (!naive.has(key)) index.add({ key })
        if (does.startsWith("remove")) naive.delete(key)
        else naive.add(key)
      }
      const sorted = [...naive].toSorted((one, other) => one - other)
      assert.deepStrictEqual(keysFrom(index, -1), sorted)
      assert.deepStrictEqual(keysFrom(index, at), sorted.filter((key) => key >= at))
    }
  }, { arbitrary: { runs: 150, size: 40 }, timeout: 30_000 })

  it.each([
    ["rising", scattered.toSorted((one, other) => one - other)],
    ["falling", scattered.toSorted((one, other) => other - one)],
    ["scattered", scattered]
  ])("takes %s keys and gives them back in order, then none when all are removed", (_, keys) => {
    const index = make()
    for (const key of keys) index.add({ key })
    assert.deepStrictEqual(keysFrom(index, 0), Array.from({ length: count }, (_, key) => key))
    assert.deepStrictEqual(keysFrom(index, count - 3), [count - 3, count - 2, count - 1])
    for (const key of scattered) index.remove(key)
    assert.deepStrictEqual(keysFrom(index, 0), [])
    index.add({ key: 7 })
    assert.deepStrictEqual(keysFrom(index, 0), [7])
  })

  it("costs few comparisons, whatever it holds", () => {
    let compared = 0
    const index = new OrderedIndex<number, Item>((item) => item.key, (left, right) => (compared++, left - right))
    for (const key of scattered) index.add({ key })
    compared = 0
    for (const key of [0, 9_999, count - 1]) {
      index.remove(key)
      index.add({ key })
      index.from(key).next()
    }
    // log2 of 20,000 is 14.3; a removal compares once more for the key itself, and nodes round up.
    assert.isAtMost(compared / 9, 20)
  })

  it.each([["over all", 1], ["in runs, as names by a prefix come", 4]])(
    "costs a comparison for each level when keys rise %s",
    (_, runs) => {
      let compared = 0
      const index = new OrderedIndex<number, Item>((item) => item.key, (left, right) => (compared++, left - right))
      for (let at = 0; at < count; at++) index.add({ key: (at % runs) * count + at })
      // Below the end of its level a run searches there: up to six comparisons more.
      assert.isAtMost(compared / count, runs === 1 ? 3 : 3 + 2 * 6)
      assert.lengthOf(keysFrom(index, 0), count)
    }
  )
})
