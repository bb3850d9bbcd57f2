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

/** From its first millisecond to its last, and in the words of whoever typed it. */
export interface Period {
  readonly from: number
  readonly to: number
  readonly text: string
}

/**
 * What somebody means who types a time of today, or a date and a time, in local time unless it names its zone: the
 * whole minute, the second if one is named, and the whole day of a date alone.
 */
export const period = (text: string, now: DateTime.Utc): Effect.Effect<Period, WrongCall> => {
  const { day, month, year } = DateTime.toParts(local(now.epochMilliseconds))
  const today = `${year}-${two(month)}-${two(day)}T`
  const given = timeOfDay.test(text) ? `${today}${text.replace(/^(?=\d:)/, "0")}` : text.replace(" ", "T")
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(given)
  const from = Date.parse(isDay ? `${given}T00:00` : given)
  const end = isDay ? Date.parse(`${given}T23:59`) + minute - 1 : from + lengthOf(given) - 1
  return Number.isNaN(from)
    ? Effect.fail(new WrongCall({ message: `--at must be ${words}, and ${JSON.stringify(text)} is none` }))
    : Effect.succeed({ from, to: end, text })
}

const minute = 60_000

/** By the smallest part of the time that is there; what follows it may be a zone. */
const lengthOf = (given: string): number => {
  const [, second, fraction] = /T\d{2}:\d{2}(:\d{2})?(\.\d+)?/.exec(given) ?? []
  if (fraction !== undefined) return 1
  return second === undefined ? minute : 1_000
}

const words = "a time such as 14:03 or 14:03:20, or a date and time such as 2026-01-31T14:03"

const timeOfDay = /^\d{1,2}:\d{2}(:\d{2})?$/

const two = (value: number): string => String(value).padStart(2, "0")

const local = (millis: number) => DateTime.makeZonedUnsafe(millis, { timeZone: DateTime.zoneMakeLocal() })
