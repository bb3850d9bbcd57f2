/**
 * Reads every setting from the first source that has it, and keeps where that was. A value that is not
 * allowed becomes a complaint, and the reading goes on: a user hears of all mistakes at once.
 */
import { type Config, ConfigProvider, Effect } from "effect"
import type { ConfigSource } from "./ConfigSource.ts"
import type { Setting } from "./Setting.ts"
import { settings, type Values } from "./Settings.ts"
import { shown } from "./WrongSettings.ts"

export type Key = keyof Values

export interface Reading {
  /** Null also where the value is wrong. */
  readonly values: { readonly [K in Key]: Values[K] | null }
  readonly complaints: ReadonlyArray<string>
  /** Whether a source has the setting, rightly or wrongly. */
  readonly isGiven: (key: Key) => boolean
  /** `is 99 (from HOLDFAST_HTTP_PORT)`; the value is for the case that no source has the setting. */
  readonly describe: (key: Key, value: unknown) => string
}

export const read = Effect.fnUntraced(function*(sources: ReadonlyArray<ConfigSource>) {
  const sourceOf = (key: string) => sources.find(({ values }) => Object.hasOwn(values, key))
  const describe = (key: string, value: unknown) => {
    const source = sourceOf(key)
    return source === undefined
      ? `is ${shown(value)} (by default)`
      : `is ${shown(source.values[key])} (from ${source.place(key)})`
  }
  const values: Record<string, unknown> = {}
  const complaints: Array<string> = []
  for (const setting of Object.values<Setting<unknown>>(settings)) {
    values[setting.key] = yield* valueOf(setting, sourceOf(setting.key)).pipe(
      Effect.catchTag("ConfigError", () => {
        complaints.push(`${setting.key} ${describe(setting.key, null)}, but must be ${setting.allowed}`)
        return Effect.succeed(null)
      })
    )
  }
  const isGiven = (key: string) => sourceOf(key) !== undefined
  // The loop has put there what each setting's own `Config` decoded.
  return { values: values as Reading["values"], complaints, isGiven, describe } satisfies Reading
})

const valueOf = (
  { config, fallback }: Setting<unknown>,
  source: ConfigSource | undefined
): Effect.Effect<unknown, Config.ConfigError> =>
  source === undefined ? Effect.succeed(fallback) : config.parse(ConfigProvider.fromUnknown(source.values))
