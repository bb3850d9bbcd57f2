/**
 * Where spans go, as the variables of OpenTelemetry say it. Nothing is traced unless one of them names an endpoint, and
 * a value that is none is told with its name, as of every other setting.
 */
import { Effect } from "effect"
import { shown, WrongSettings } from "./WrongSettings.ts"

export interface TraceSettings {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly protocol: "http/protobuf" | "http/json"
  readonly compression: "gzip" | "none"
  /** How long the collector may take to answer. */
  readonly timeoutMillis: number
  /** How long spans are gathered before they are sent. */
  readonly delayMillis: number
  readonly serviceName: string
  readonly attributes: Readonly<Record<string, string>>
  /** Whether what comes from elsewhere is recorded if it is recorded there. */
  readonly followsParent: boolean
  /** Of the traces that begin here, from 0 to 1. */
  readonly ratio: number
}

type Variables = Readonly<Record<string, string | undefined>>

/** Null if nothing is to be traced. */
export const read = (variables: Variables): Effect.Effect<TraceSettings | null, WrongSettings> =>
  Effect.suspend(() => {
    const reading = new Reading(variables)
    const settings = settingsOf(reading)
    return reading.complaints.length === 0 ? Effect.succeed(settings) : new WrongSettings(reading)
  })

const settingsOf = (reading: Reading): TraceSettings | null => {
  const url = reading.url()
  const isOff = reading.value("OTEL_SDK_DISABLED")?.toLowerCase() === "true"
  if (url === null || isOff || reading.oneOf(["OTEL_TRACES_EXPORTER"], ["otlp", "none"]) === "none") return null
  const { "service.name": name, ...attributes } = reading.pairs(["OTEL_RESOURCE_ATTRIBUTES"])
  const sampler = reading.oneOf(["OTEL_TRACES_SAMPLER"], samplers) ?? "parentbased_always_on"
  return {
    url,
    headers: reading.pairs(ofTraces("HEADERS")),
    protocol: reading.oneOf(ofTraces("PROTOCOL"), ["http/protobuf", "http/json"]) ?? "http/protobuf",
    compression: reading.oneOf(ofTraces("COMPRESSION"), ["none", "gzip"]) ?? "none",
    timeoutMillis: reading.number(ofTraces("TIMEOUT"), 1, 600_000) ?? 10_000,
    delayMillis: reading.number(["OTEL_BSP_SCHEDULE_DELAY"], 1, 600_000) ?? 5_000,
    serviceName: reading.value("OTEL_SERVICE_NAME") ?? name ?? "holdfast",
    attributes,
    followsParent: sampler.startsWith("parentbased"),
    ratio: ratioOf(sampler, reading)
  }
}

const samplers = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio"
] as const

const ratioOf = (sampler: typeof samplers[number], reading: Reading): number => {
  if (sampler.endsWith("ratio")) return reading.number(["OTEL_TRACES_SAMPLER_ARG"], 0, 1) ?? 1
  return sampler.endsWith("on") ? 1 : 0
}

/** What is said for traces goes before what is said for all signals. */
const ofTraces = (name: string) => [`OTEL_EXPORTER_OTLP_TRACES_${name}`, `OTEL_EXPORTER_OTLP_${name}`]

class Reading {
  readonly complaints: Array<string> = []
  readonly #variables: Variables

  constructor(variables: Variables) {
    this.#variables = variables
  }

  /** An empty variable counts as one that is not set. */
  value(name: string): string | null {
    return this.#variables[name]?.trim() || null
  }

  /** That of traces as it stands, that of all signals with the path of traces. */
  url(): string | null {
    const [own, common] = ofTraces("ENDPOINT") as [string, string]
    const name = this.value(own) === null ? common : own
    const value = this.value(name)
    if (value === null) return null
    const url = URL.parse(value)
    if (url?.protocol !== "http:" && url?.protocol !== "https:") {
      return this.#complain(name, value, "must be a URL that begins with http:// or https://")
    }
    if (name === common) url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/traces`
    return url.href
  }

  oneOf<A extends string>(names: ReadonlyArray<string>, allowed: ReadonlyArray<A>): A | null {
    const [name, value] = this.#first(names)
    const found = allowed.find((one) => one === value?.toLowerCase())
    return value === null || found !== undefined
      ? found ?? null
      : this.#complain(name, value, `must be one of: ${allowed.join(", ")}`)
  }

  number(names: ReadonlyArray<string>, least: number, most: number): number | null {
    const [name, value] = this.#first(names)
    if (value === null) return null
    const number = Number(value)
    return number >= least && number <= most
      ? number
      : this.#complain(name, value, `must be a number from ${least} to ${most}`)
  }

  /** `key=value,…`, with whatever is not plain in percent-encoding. */
  pairs(names: ReadonlyArray<string>): Readonly<Record<string, string>> {
    const [name, value] = this.#first(names)
    const pairs: Record<string, string> = {}
    for (const pair of value?.split(",") ?? []) {
      const [, key, text] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
      const plain = text === undefined ? null : decoded(text)
      // What is wrong may be a credential, and is not shown.
      if (key === undefined || plain === null) this.complaints.push(`${name} must be pairs: key=value,key=value`)
      else pairs[key] = plain
    }
    return pairs
  }

  #first(names: ReadonlyArray<string>): readonly [name: string, value: string | null] {
    const name = names.find((one) => this.value(one) !== null) ?? names[0]!
    return [name, this.value(name)]
  }

  #complain(name: string, value: string, must: string): null {
    this.complaints.push(`${name} is ${shown(value)}, and ${must}`)
    return null
  }
}

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}
