/**
 * What a node refuses in a conversation is what the fields of its API refuse, whichever way a text is looked at: the
 * short way for plain texts must never say yes where the schema says no.
 */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { makeFields } from "../../../src/api/Fields.ts"
import { defaults } from "../../../src/api/Limits.ts"
import * as OperationCheck from "../../../src/server/rpc/OperationCheck.ts"

const limits = { ...defaults, nameBytesMax: 8, ownerBytesMax: 4, valueBytesMax: 16 }
const fields = makeFields(limits)
const check = OperationCheck.make(limits)

const lengths = Array.from({ length: 20 }, (_, length) => length)
const texts = [
  ...lengths.map((length) => "x".repeat(length)),
  ...lengths.map((length) => "é".repeat(length)),
  ".",
  "..",
  "...",
  "a\0b",
  "a\0",
  "a\u007fb",
  "\n\n\n",
  "a\u0080b",
  "\ud800ab",
  "ab\udc00",
  "a😀b"
]

const release = { _tag: "Release", id: 1, seq: 1, lock: "lock", owner: "own", token: 1 } as const
const acquire = { _tag: "Acquire", id: 1, seq: 1, lock: "lock", owner: "own", waitMs: 0 } as const

describe("What is wrong with an operation", () => {
  it.each(texts)("is in the name %j what the field says", (lock) => {
    const wrong = Schema.is(fields.name)(lock) ? undefined : "name"
    assert.strictEqual(check({ ...acquire, lock })?.field, wrong)
    assert.strictEqual(check({ ...release, lock })?.field, wrong)
    assert.strictEqual(check({ _tag: "Look", id: 1, lock })?.field, wrong)
  })

  it.each(texts)("is in the owner %j what the field says", (owner) => {
    const wrong = Schema.is(fields.owner)(owner) ? undefined : "owner"
    assert.strictEqual(check({ ...acquire, owner })?.field, wrong)
    assert.strictEqual(check({ ...release, owner })?.field, wrong)
  })

  it.each(texts)("is in the value %j what the field says", (value) => {
    assert.strictEqual(check({ ...acquire, value })?.field, Schema.is(fields.value)(value) ? undefined : "value")
  })
})
