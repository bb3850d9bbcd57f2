/** The order of names against that of their bytes as Node encodes them. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { compareUtf8 } from "../../src/lock/Utf8Order.ts"

const byBytes = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right))

/** Characters on both sides of every border of UTF-8's lengths and of UTF-16's surrogates. */
const borders = ["\0", "a", "\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}"]

describe("The order of UTF-8 bytes", () => {
  it("of every pair of characters at a border", () => {
    for (const left of borders) {
      for (const right of borders) {
        assert.strictEqual(Math.sign(compareUtf8(left, right)), byBytes(left, right), JSON.stringify([left, right]))
      }
    }
  })

  it("of a text that goes on where another ends", () => {
    for (const last of borders) {
      assert.isBelow(compareUtf8(last, `${last}a`), 0, JSON.stringify(last))
      assert.isAbove(compareUtf8(`${last}a`, last), 0, JSON.stringify(last))
    }
  })

  it.prop("of any two names", {
    left: Schema.Array(Schema.Literals(borders)),
    right: Schema.Array(Schema.Literals(borders))
  }, ({ left, right }) => {
    assert.strictEqual(Math.sign(compareUtf8(left.join(""), right.join(""))), byBytes(left.join(""), right.join("")))
  }, { arbitrary: { runs: 500 } })

  it("is not the order of UTF-16 units, or this file would be one line", () => {
    assert.deepStrictEqual(["\u{10000}", "\uffff"].toSorted(), ["\u{10000}", "\uffff"])
    assert.deepStrictEqual(["\u{10000}", "\uffff"].toSorted(compareUtf8), ["\uffff", "\u{10000}"])
  })
})
