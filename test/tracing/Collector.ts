/**
 * An OpenTelemetry collector of a test: takes spans as OTLP in JSON over HTTP, and has all that it was sent.
 */
import { Effect } from "effect"
import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import type { TraceSettings } from "../../src/node/config/TraceSettings.ts"

export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<{ readonly key: string; readonly value: Readonly<Record<string, unknown>> }>
  /** The process that it is of. */
  readonly instance: string
}

interface Posted {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: Pick<Span, "attributes">
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Omit<Span, "instance">> }>
  }>
}

const attributeOf = ({ attributes }: Pick<Span, "attributes">, name: string): unknown =>
  Object.values(attributes.find(({ key }) => key === name)?.value ?? {})[0]

export const attributesOf = (span: Span): Readonly<Record<string, unknown>> =>
  Object.fromEntries(span.attributes.map(({ key }) => [key, attributeOf(span, key)]))

const spansOf = ({ resourceSpans }: Posted): ReadonlyArray<Span> =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const instance = String(attributeOf(resource, "service.instance.id"))
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, instance })))
  })

/** Listens until the scope closes. */
export const makeCollector = Effect.gen(function*() {
  const spans: Array<Span> = []
  const requests: Array<{ readonly url: string; readonly headers: IncomingHttpHeaders; status: number }> = []
  const answers: Array<number> = []
  const server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (text: string) => (body += text)).on("end", () => {
      const status = answers.shift() ?? 200
      requests.push({ url: request.url ?? "", headers: request.headers, status })
      if (request.headers["content-type"] === "application/json") spans.push(...spansOf(JSON.parse(body) as Posted))
      response.writeHead(status, { "content-type": "application/json" }).end("{}")
    })
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => server.close().closeAllConnections())
  )
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  /** Until as much is there as is waited for; real time, as the collector has. */
  const until = (isThere: () => boolean) =>
    Effect.callback<void>((resume) => {
      const look = setInterval(() => {
        if (!isThere()) return
        clearInterval(look)
        resume(Effect.void)
      }, 5)
      return Effect.sync(() => clearInterval(look))
    })
  const settings: TraceSettings = {
    url: `${endpoint}/v1/traces`,
    headers: {},
    protocol: "http/json",
    compression: "none",
    timeoutMillis: 10_000,
    delayMillis: 5_000,
    serviceName: "holdfast",
    attributes: {},
    followsParent: true,
    ratio: 1
  }
  return { endpoint, settings, spans, requests, answers, until }
})

/** A trace as an indented tree: each span with what it is of, children in the order of their names. */
export const treeOf = (spans: ReadonlyArray<Span>, describe: (span: Span) => string): ReadonlyArray<string> => {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const lines = (of: ReadonlyArray<Span>, indent: string): ReadonlyArray<string> =>
    of
      .map((span) => ({ span, text: `${indent}${describe(span)}` }))
      .toSorted((one, other) => one.text < other.text ? -1 : 1)
      .flatMap(({ span, text }) => [
        text,
        ...lines(spans.filter(({ parentSpanId }) => parentSpanId === span.spanId), `${indent}  `)
      ])
  return lines(spans.filter(({ parentSpanId }) => parentSpanId === undefined || !known.has(parentSpanId)), "")
}
