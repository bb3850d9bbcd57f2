/**
 * One setting: its key, what it may be, and what it is when nobody sets it. The key is the name in a
 * configuration file; the environment and the command line spell the same name in their own ways.
 */
import { Config, Schema } from "effect"

export interface Setting<out A, out Fallback extends A | null = A | null> {
  /** `httpPort` in a file, `HOLDFAST_HTTP_PORT` in the environment, `--http-port` on the command line. */
  readonly key: string
  readonly about: string
  /** Completes "must be …". */
  readonly allowed: string
  /** What it is when no source has it; null when the node derives it or must be told. */
  readonly fallback: Fallback
  readonly config: Config.Config<A>
}

const spelled = (key: string, separator: string) => key.replace(/[A-Z]/g, (letter) => `${separator}${letter}`)

export const variableName = (key: string): string => `HOLDFAST_${spelled(key, "_").toUpperCase()}`

export const flagName = (key: string): string => spelled(key, "-").toLowerCase()

/** A whole number in a range; `unit` says of what. */
const integer = <F extends number | null>(
  key: string,
  range: { readonly minimum: number; readonly maximum: number; readonly unit: string },
  fallback: F,
  about: string
): Setting<number, F> => ({
  key,
  about,
  allowed: `${range.unit}, from ${range.minimum} to ${range.maximum}`,
  fallback,
  config: Config.schema(Schema.Int.check(Schema.isBetween(range)), key)
})

export const port = <F extends number | null>(key: string, fallback: F, about: string): Setting<number, F> =>
  integer(key, { minimum: 1, maximum: 65_535, unit: "a port" }, fallback, about)

// Node's timers hold 31 bits: a longer one fires at once.
const millisMax = 2_147_483_647

export const millis = <F extends number | null>(
  key: string,
  fallback: F,
  about: string,
  minimum = 1
): Setting<number, F> => integer(key, { minimum, maximum: millisMax, unit: "whole milliseconds" }, fallback, about)

export const count = (
  key: string,
  maximum: number,
  unit: string,
  fallback: number,
  about: string
): Setting<number, number> => integer(key, { minimum: 1, maximum, unit }, fallback, about)

/** A text of the given shape. */
export const text = <A extends string, F extends A | null>(
  key: string,
  schema: Schema.Codec<A, string>,
  allowed: string,
  fallback: F,
  about: string
): Setting<A, F> => ({ key, about, allowed, fallback, config: Config.schema(schema, key) })

export const choice = <const A extends ReadonlyArray<string>>(
  key: string,
  choices: A,
  fallback: A[number],
  about: string
): Setting<A[number], A[number]> => ({
  key,
  about,
  allowed: `one of ${choices.join(", ")}`,
  fallback,
  config: Config.Literals(choices, key)
})

/** Texts: with commas between them, or as an array where the source has arrays. */
export const list = (key: string, allowed: string, about: string): Setting<ReadonlyArray<string>, null> => ({
  key,
  about,
  allowed,
  fallback: null,
  config: Config.Array(Schema.NonEmptyString, key)
})
