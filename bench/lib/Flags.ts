/**
 * What all measurements of a load are told in the same words.
 */
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"

const whole = (name: string, most: number) =>
  Flag.Int(name).pipe(Flag.filter((value) => value >= 1 && value <= most, () => `a whole number from 1 to ${most}`))

export const seconds = (byDefault: number) =>
  whole("seconds", 3600).pipe(
    Flag.withDescription(`How long each run is measured (default ${byDefault})`),
    Flag.withDefault(byDefault)
  )

export const runs = (byDefault: number) =>
  whole("runs", 100).pipe(
    Flag.withDescription(`How often each load is run, by turns (default ${byDefault})`),
    Flag.withDefault(byDefault)
  )

/** A list such as `1,32,256`. */
const list = (name: string, most: number, byDefault: ReadonlyArray<number>, description: string) =>
  Flag.String(name).pipe(
    Flag.filterMap((text) => listOf(text, most), () => `whole numbers from 1 to ${most} with commas between them`),
    Flag.withDescription(`${description} (default ${byDefault})`),
    Flag.withDefault(byDefault)
  )

const listOf = (text: string, most: number): Option.Option<ReadonlyArray<number>> => {
  const numbers = text.split(",").map(Number)
  return numbers.every((number) => Number.isInteger(number) && number >= 1 && number <= most)
    ? Option.some(numbers)
    : Option.none()
}

export const workers = (byDefault: ReadonlyArray<number>) =>
  list("workers", 100_000, byDefault, "How many workers at a time")

export const nodeCounts = (byDefault: ReadonlyArray<number>) =>
  list("nodes", 9, byDefault, "Clusters of how many nodes")

export const percents = (byDefault: ReadonlyArray<number>) =>
  list("open", 200, byDefault, "At which shares of the highest rate cycles begin by a schedule, in percent")

export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("All figures of all runs as JSON"),
  Flag.withDefault(false)
)

/** Does something so many times, one after the other. */
export const times = <A, E, R>(count: number, what: (run: number) => Effect.Effect<A, E, R>) =>
  Effect.forEach(Array.from({ length: count }, (_, at) => at + 1), what)
