/**
 * Points in time for people, in the time zone of whoever reads: as they are printed, and as they are typed.
 */
import { DateTime, Effect } from "effect"
import { WrongCall } from "./WrongCall.ts"

/** `2026-01-31 14:03:20`, in local time. */
export const localTime = (millis: number): string => {
  const { day, hour, minute, month, second, year } = DateTime.toParts(local(millis))
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`
}

/** Of what somebody typed: a time of today, or a date and a time, in local time unless it names its zone. */
export const instant = (text: string, now: DateTime.Utc): Effect.Effect<number, WrongCall> => {
  const { day, month, year } = DateTime.toParts(local(now.epochMilliseconds))
  const today = `${year}-${two(month)}-${two(day)}T`
  const millis = Date.parse(timeOfDay.test(text) ? `${today}${text.replace(/^(?=\d:)/, "0")}` : text.replace(" ", "T"))
  return Number.isNaN(millis)
    ? Effect.fail(new WrongCall({ message: `--at must be ${words}, and ${JSON.stringify(text)} is none` }))
    : Effect.succeed(millis)
}

const words = "a time such as 14:03 or 14:03:20, or a date and time such as 2026-01-31T14:03"

const timeOfDay = /^\d{1,2}:\d{2}(:\d{2})?$/

const two = (value: number): string => String(value).padStart(2, "0")

const local = (millis: number) => DateTime.makeZonedUnsafe(millis, { timeZone: DateTime.zoneMakeLocal() })
