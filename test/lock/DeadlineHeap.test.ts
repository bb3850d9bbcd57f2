/** The heap against a list that is sorted anew each time, and that it keeps nothing it need not. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { absent, DeadlineHeap, type Due } from "../../src/lock/DeadlineHeap.ts"

const items = (count: number): Array<Due> =>
  Array.from({ length: count }, (_, order) => ({ order, deadline: Infinity, slot: absent }))

const inOrder = (one: Due, other: Due) => one.deadline - other.deadline || one.order - other.order

const drain = (heap: DeadlineHeap<Due>): Array<Due> => {
  const drained: Array<Due> = []
  for (let first = heap.first; first !== undefined; first = heap.first) {
    drained.push({ ...first })
    heap.cancel(first)
  }
  return drained
}

const Deadline = Schema.Literals([1, 2, 3, 5, 8, 13, 21, 1_000])
const Item = Schema.Literals([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
const Act = Schema.Struct({ item: Item, does: Schema.Literals(["schedule", "schedule again", "cancel"]), to: Deadline })

describe("A heap of deadlines", () => {
  it.prop("gives the earliest, equal ones in order of creation, whatever was moved or cancelled before", {
    acts: Schema.Array(Act)
  }, ({ acts }) => {
    const heap = new DeadlineHeap<Due>()
    const all = items(10)
    for (const { does, item, to } of acts) {
      if (does === "cancel") heap.cancel(all[item]!)
      else heap.schedule(all[item]!, to)
      assert.deepStrictEqual(heap.first, all.filter((one) => one.slot !== absent).toSorted(inOrder)[0])
    }
    const expected = all.filter((one) => one.slot !== absent).toSorted(inOrder)
    const drained = drain(heap)
    assert.deepStrictEqual(drained.map((one) => one.order), expected.map((one) => one.order))
    assert.isTrue(all.every((one) => one.slot === absent && one.deadline === Infinity))
  }, { arbitrary: { runs: 500, size: 80 } })

  it("does not grow by moving what is in it: a renewal leaves nothing behind", () => {
    const heap = new DeadlineHeap<Due>()
    const all = items(100)
    for (let turn = 1; turn <= 100; turn++) for (const item of all) heap.schedule(item, turn * 100 - item.order)
    assert.strictEqual(drain(heap).length, 100)
  })

  it("cancels what is not in it without harm", () => {
    const heap = new DeadlineHeap<Due>()
    const [inside, outside] = items(2) as [Due, Due]
    heap.schedule(inside, 5)
    heap.cancel(outside)
    assert.strictEqual(heap.first, inside)
  })
})
