/**
 * What a leader does for its peers it does once, however often and late they ask for it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Copies } from "../../../src/node/requests/Copies.ts"

const noted = (copies: Copies, ...requests: ReadonlyArray<string>) => requests.map((request) => copies.isFirst(request))

describe("A request that is noted", () => {
  it("is first once, in whatever order they come", () => {
    const copies = new Copies()
    const shuffled = [5, 1, 3, 2, 4, 31, 32, 33, 64, 0].map((count) => `n1/boot/${count}`)
    assert.deepStrictEqual(noted(copies, ...shuffled), shuffled.map(() => true))
    assert.deepStrictEqual(noted(copies, ...shuffled.toReversed()), shuffled.map(() => false))
  })

  it("is not that of another node or boot, and none is known in another term", () => {
    const copies = new Copies()
    assert.deepStrictEqual(noted(copies, "n1/boot/1", "n2/boot/1", "n1/later/1", "n1/boot/1"), [
      true,
      true,
      true,
      false
    ])
    copies.forget()
    assert.isTrue(copies.isFirst("n1/boot/1"))
  })

  it("is remembered for a million later ones, and what is older is not taken for new", () => {
    const copies = new Copies()
    const size = 1 << 20
    assert.deepStrictEqual(noted(copies, "n/b/1", "n/b/2", `n/b/${size + 1}`), [true, true, true])
    assert.deepStrictEqual(noted(copies, "n/b/1", "n/b/2", "n/b/3", "n/b/3"), [false, false, true, false])
    assert.isTrue(copies.isFirst(`n/b/${9 * size}`))
    assert.deepStrictEqual(noted(copies, `n/b/${8 * size}`, `n/b/${8 * size + 1}`), [false, true])
  })

  it("is always first when nothing tells which it is", () => {
    assert.deepStrictEqual(noted(new Copies(), "a", "a", "a/b", "a/b", "n/b/-1", "n/b/-1"), Array(6).fill(true))
  })
})
