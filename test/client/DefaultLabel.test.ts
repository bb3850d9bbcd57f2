/**
 * What a holder is called that was given no name fits into a label, whatever user and host are called.
 */
import { assert, describe, it } from "@effect/vitest"
import { labelOf } from "../../src/client/DefaultLabel.ts"

describe("The label of a holder without a name", () => {
  it("is short enough for a node, and well-formed", () => {
    assert.strictEqual(labelOf("ann", "web1"), "ann@web1")
    for (const character of ["a", "é", "語", "\u{1f512}"]) {
      const label = labelOf("ann", character.repeat(200))
      const { length } = new TextEncoder().encode(label)
      assert.isTrue(label.isWellFormed())
      assert.isAtMost(length, 100)
      assert.isAtLeast(length, 97)
    }
  })
})
