/**
 * Lengths of time as flags take them: what is one, and that nothing else is taken for one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { parseSpan } from "../../src/cli/Spans.ts"

describe("A length of time", () => {
  it.each([
    ["0", 0],
    ["500ms", 500],
    ["15s", 15_000],
    ["1.5s", 1500],
    ["1m", 60_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000]
  ])("%s is %d ms", (text, millis) => {
    assert.deepStrictEqual(parseSpan(text), Option.some(millis))
  })

  it.each(["", "15", "s", "-1s", "1 s", "15S", "1e3s", "1.s", "1y", "forever"])("%s is none", (text) => {
    assert.deepStrictEqual(parseSpan(text), Option.none())
  })
})
