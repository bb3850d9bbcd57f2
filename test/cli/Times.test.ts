/** Points in time as people type and read them. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { localTime, period } from "../../src/cli/Times.ts"

const now = DateTime.makeUnsafe(new Date(2026, 0, 31, 18, 0).getTime())

const [second, minute, day] = [1_000, 60_000, 86_400_000]

describe("A point in time", () => {
  it.effect("is the whole minute of a time, or the second, today or another day, where the reader is", () =>
    Effect.gen(function*() {
      const cases = [
        ["14:03", new Date(2026, 0, 31, 14, 3), minute],
        ["9:03:20", new Date(2026, 0, 31, 9, 3, 20), second],
        ["2026-01-30T14:03", new Date(2026, 0, 30, 14, 3), minute],
        ["2026-01-30 14:03:20", new Date(2026, 0, 30, 14, 3, 20), second],
        ["2026-01-30", new Date(2026, 0, 30), day],
        ["2026-01-30T14:03Z", new Date("2026-01-30T14:03Z"), minute],
        ["2026-01-30T14:03+05:30", new Date("2026-01-30T08:33Z"), minute],
        ["2026-01-30T14:03:20Z", new Date("2026-01-30T14:03:20Z"), second],
        ["2026-01-30T14:03:20.5Z", new Date("2026-01-30T14:03:20.500Z"), 1]
      ] as const
      for (const [text, date, millis] of cases) {
        const from = date.getTime()
        assert.deepStrictEqual(yield* period(text, now), { from, to: from + millis - 1, text })
      }
    }))

  it.effect("is nothing else", () =>
    Effect.gen(function*() {
      for (const text of ["noon", "25:00", "14", "", "2026-13-01"]) {
        const { message } = yield* Effect.flip(period(text, now))
        assert.include(message, `${JSON.stringify(text)} is none`)
      }
    }))

  it("is shown where the reader is", () => {
    assert.strictEqual(localTime(new Date(2026, 0, 3, 4, 5, 6).getTime()), "2026-01-03 04:05:06")
  })
})
