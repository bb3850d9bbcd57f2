/**
 * Lengths of time as people read them: rounded down, in at most two units.
 */
import { assert, describe, it } from "@effect/vitest"
import { duration } from "../../src/cli/Durations.ts"

describe("a length of time", () => {
  it.each([
    [0, "0ms"],
    [999, "999ms"],
    [1000, "1s"],
    [59_999, "59s"],
    [60_000, "1m"],
    [312_000, "5m 12s"],
    [3_600_000, "1h"],
    [3_605_000, "1h"],
    [86_400_000, "1d"],
    [1_000 * 86_400_000 + 5 * 3_600_000, "1000d 5h"]
  ])("of %d ms is %s", (millis, text) => {
    assert.strictEqual(duration(millis), text)
  })
})
