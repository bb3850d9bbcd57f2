/**
 * Lengths of time as flags take them: `15s`, `500ms`, `1h30m`, and 0. A number without a unit is refused, since nobody
 * can know what it counts.
 */
import { Option } from "effect"
import { Flag } from "effect/cli"

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** In milliseconds. */
export const parseSpan = (text: string): Option.Option<number> => {
  if (text === "0") return Option.some(0)
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return Option.none()
  const parts = [...text.matchAll(/([\d.]+)([a-z]+)/g)]
  return Option.some(
    Math.round(parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0), 0))
  )
}

const words = () => "a length of time such as 15s, 500ms or 1h30m"

export const spanFlag = (name: string) =>
  Flag.String(name).pipe(Flag.filterMap(parseSpan, words), Flag.withMetavar("time"))
