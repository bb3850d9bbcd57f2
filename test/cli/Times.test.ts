/** Points in time as people type and read them. */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { instant, localTime } from "../../src/cli/Times.ts"

const now = DateTime.makeUnsafe(new Date(2026, 0, 31, 18, 0).getTime())

describe("A point in time", () => {
  it.effect("is a time of today, or a date and a time, where the reader is", () =>
    Effect.gen(function*() {
      const cases = [
        ["14:03", new Date(2026, 0, 31, 14, 3)],
        ["9:03:20", new Date(2026, 0, 31, 9, 3, 20)],
        ["2026-01-30T14:03", new Date(2026, 0, 30, 14, 3)],
        ["2026-01-30 14:03:20", new Date(2026, 0, 30, 14, 3, 20)],
        ["2026-01-30T14:03:20Z", new Date("2026-01-30T14:03:20Z")]
      ] as const
      for (const [text, date] of cases) assert.strictEqual(yield* instant(text, now), date.getTime(), text)
    }))

  it.effect("is nothing else", () =>
    Effect.gen(function*() {
      for (const text of ["noon", "25:00", "14", ""]) {
        const { message } = yield* Effect.flip(instant(text, now))
        assert.include(message, `${JSON.stringify(text)} is none`)
      }
    }))

  it("is shown where the reader is", () => {
    assert.strictEqual(localTime(new Date(2026, 0, 3, 4, 5, 6).getTime()), "2026-01-03 04:05:06")
  })
})
