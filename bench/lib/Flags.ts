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
export const workers = (byDefault: ReadonlyArray<number>) =>
  Flag.String("workers").pipe(
    Flag.filterMap(
      (text) => listOf(text),
      () => "whole numbers from 1 to 100000 with commas between them"
    ),
    Flag.withDescription(`How many workers at a time (default ${byDefault})`),
    Flag.withDefault(byDefault)
  )

const listOf = (text: string): Option.Option<ReadonlyArray<number>> => {
  const counts = text.split(",").map(Number)
  return counts.every((count) => Number.isInteger(count) && count >= 1 && count <= 100_000)
    ? Option.some(counts)
    : Option.none()
}

export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("All figures of all runs as JSON"),
  Flag.withDefault(false)
)

/** Does something so many times, one after the other. */
export const times = <A, E, R>(count: number, what: (run: number) => Effect.Effect<A, E, R>) =>
  Effect.forEach(Array.from({ length: count }, (_, at) => at + 1), what)
