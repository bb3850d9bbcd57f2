/**
 * Where settings come from: flags over environment over a file over a profile. A source knows how its
 * user spelled each setting, so that a complaint can quote it, and which of its names are no settings.
 */
import { Effect, FileSystem, Schema } from "effect"
import { fileFault } from "./FileFault.ts"
import { flagName, variableName } from "./Setting.ts"
import { keys } from "./Settings.ts"
import { shown, unknownSetting, WrongSettings } from "./WrongSettings.ts"

export interface ConfigSource {
  readonly values: Readonly<Record<string, unknown>>
  /** Where its user wrote this setting, such as `HOLDFAST_HTTP_PORT`. */
  readonly place: (key: string) => string
  /** Names that look like settings and are none. */
  readonly strangers: ReadonlyArray<string>
}

/** What the command line said, by key. */
export const flags = (values: Readonly<Record<string, string>>): ConfigSource => ({
  values,
  place: (key) => `--${flagName(key)}`,
  strangers: []
})

/** A set of values that somebody has put together under a name. */
export const preset = (name: string, values: Readonly<Record<string, unknown>>): ConfigSource => ({
  values,
  place: () => name,
  strangers: []
})

/** Variables that begin like settings and belong to others: to clients, to `holdfast run`, and to `holdfast dev`. */
const othersVariables = new Set([
  "HOLDFAST_NODES",
  "HOLDFAST_TOKEN",
  "HOLDFAST_LOCK",
  "HOLDFAST_SESSION",
  "HOLDFAST_DEV_CONTROL"
])

/** The environment. An empty variable counts as one that is not set, as shells like to leave them. */
export const environment = (variables: Readonly<Record<string, string | undefined>>): ConfigSource => {
  const known = new Map(keys.map((key) => [variableName(key), key]))
  const given = Object.entries(variables).filter(([name, value]) =>
    name.startsWith("HOLDFAST_") && value !== undefined && value !== ""
  )
  return {
    values: Object.fromEntries(given.flatMap(([name, value]) => {
      const key = known.get(name)
      return key === undefined ? [] : [[key, value]]
    })),
    place: variableName,
    strangers: given.map(([name]) => name).filter((name) => !known.has(name) && !othersVariables.has(name))
  }
}

const Settings = Schema.Record(Schema.String, Schema.Unknown)

/** A configuration file: one JSON object with settings by their keys. */
export const file = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  const content = yield* fs.readFileString(path).pipe(
    Effect.mapError((error) => WrongSettings.about(`the config file ${path} cannot be read: ${fileFault(error)}`))
  )
  // JSON.parse says where it stumbled, and Schema's codec of JSON does not.
  const json = yield* Effect.try({
    try: (): unknown => JSON.parse(content),
    catch: (error) => WrongSettings.about(`the config file ${path} is no JSON: ${String(error)}`)
  })
  const values = yield* Schema.decodeUnknownEffect(Settings)(json).pipe(
    Effect.mapError(() => WrongSettings.about(`the config file ${path} holds no JSON object, but ${shown(json)}`))
  )
  const strangers = Object.keys(values).filter((name) => !keys.includes(name))
  if (strangers.length > 0) {
    return yield* new WrongSettings({ complaints: strangers.map((name) => unknownSetting(name, path, keys)) })
  }
  return { values, place: (key) => `"${key}" in ${path}`, strangers } satisfies ConfigSource
})
