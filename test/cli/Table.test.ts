/**
 * A table for people: columns stand under each other, with colour or without.
 */
import { assert, describe, it } from "@effect/vitest"
import { stripVTControlCharacters } from "node:util"
import { colored, plain } from "../../src/cli/Style.ts"
import { table } from "../../src/cli/Table.ts"

const rows = [
  { color: "cyan", cells: ["node1", "7", "x"] },
  { color: "red", cells: ["node10", "12345", "long"] }
] as const

describe("a table", () => {
  it("is as wide as its cells", () => {
    assert.deepStrictEqual(table(["node", "pid", "data"], rows, plain).split("\n"), [
      "node    pid    data",
      "node1   7      x",
      "node10  12345  long"
    ])
  })

  it("has a line for each row and a place for each cell, whatever is in them", () => {
    const odd = [{ color: "red", cells: ["a\nb", "\u001b[2J", "\u202ex"] }] as const
    assert.deepStrictEqual(table(["node", "pid", "data"], odd, plain).split("\n"), [
      "node  pid        data",
      String.raw`a\nb  \u001b[2J  \u202ex`
    ])
  })

  it("is no wider in colour", () => {
    const text = table(["node", "pid", "data"], rows, colored)
    assert.include(text, "\u001b[36mnode1 \u001b[39m  7")
    assert.strictEqual(stripVTControlCharacters(text), table(["node", "pid", "data"], rows, plain))
  })
})
