/**
 * Limits of text count bytes of UTF-8, and JavaScript counts something else.
 * Node's own count is the judge.
 */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import { makeFields } from "../../src/api/Fields.ts"
import { defaults } from "../../src/api/Limits.ts"

const fields = makeFields({ ...defaults, nameBytesMax: 8, labelBytesMax: 8 })
const isLabel = Schema.is(fields.label)
const isName = Schema.is(fields.name)

/** One character of each length, the ends of each range, halves of a pair, and what is special in a path. */
const character = Schema.Literals([
  "a",
  "\u007f",
  "\u0080",
  "\u07ff",
  "\u0800",
  "\uffff",
  "\u{10000}",
  "\u{10ffff}",
  "\ud800",
  "\udfff",
  "\0",
  "."
])
const text = Arbitrary.map(Arbitrary.array(Arbitrary.schema(character), { maxLength: 9 }), (parts) => parts.join(""))
const many = { arbitrary: { runs: 2000 } }

describe("Fields", () => {
  it.prop("a label is well-formed and within its bytes", { text }, ({ text }) => {
    assert.strictEqual(isLabel(text), text.isWellFormed() && Buffer.byteLength(text) <= 8)
  }, many)

  it.prop("a name is that, not empty, without NUL, and no dot segment", { text }, ({ text }) => {
    const legal = isLabel(text) && text !== "" && !text.includes("\0") && text !== "." && text !== ".."
    assert.strictEqual(isName(text), legal)
  }, many)
})
