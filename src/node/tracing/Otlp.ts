/**
 * Spans to an OpenTelemetry collector, by OTLP over HTTP. They are sent in batches beside all else: a collector that is
 * slow or away costs spans and a warning, never a request, and what waits for it is bounded.
 */
import { Clock, ConfigProvider, Effect, Layer, Random, type Scope, type Tracer } from "effect"
import { FetchHttpClient, HttpClient, HttpClientError, type HttpClientRequest } from "effect/http"
import { OtlpExporter, OtlpSerialization, OtlpTracer } from "effect/observability"
import type { TraceSettings } from "../config/TraceSettings.ts"
import { version } from "../Version.ts"
import * as Tracing from "./Tracing.ts"

/** How long a node that stops waits for its last spans to be taken. */
const flushMillisMax = 1_000

/** Spans in one request. */
const batchMax = 512

/** Batches that the collector has not answered. The next one is given up. */
const underWayMax = 8

/** Traces for as long as the layer lives, or not at all. `instance` tells this process from others of its service. */
export const layer = (settings: TraceSettings | null, instance: string): Layer.Layer<never> =>
  settings === null ? Layer.empty : Layer.effect(Tracing.Tracing, make(settings, instance))

const make = Effect.fnUntraced(function*(settings: TraceSettings, instance: string) {
  const clock = yield* Clock.Clock
  const random = yield* Random.Random
  const tracer = yield* makeTracer(settings, instance)
  return Tracing.make(
    tracer,
    samplerOf(settings, () => random.nextDoubleUnsafe()),
    () => clock.currentTimeNanosUnsafe()
  )
})

/** As OpenTelemetry's samplers of these names decide. */
export const samplerOf =
  ({ followsParent, ratio }: Pick<TraceSettings, "followsParent" | "ratio">, random: () => number): Tracing.Sampler =>
  (parent) => {
    if (parent === null) return ratio > 0 && random() < ratio
    // By the trace's id, so that all who see it and keep the same share keep the same traces.
    return followsParent ? parent.sampled : Number.parseInt(parent.traceId.slice(-8), 16) / 2 ** 32 < ratio
  }

export const makeTracer = (
  settings: TraceSettings,
  instance: string
): Effect.Effect<Tracer.Tracer, never, Scope.Scope> =>
  OtlpTracer.make({
    url: settings.url,
    headers: settings.headers,
    compression: settings.compression,
    exportInterval: settings.delayMillis,
    // To write a batch as bytes holds up the node: OpenTelemetry's own default keeps that to some milliseconds.
    maxBatchSize: batchMax,
    shutdownTimeout: flushMillisMax,
    resource: {
      serviceName: settings.serviceName,
      serviceVersion: version,
      attributes: { "service.instance.id": instance, ...settings.attributes }
    }
  }).pipe(
    Effect.provide([
      settings.protocol === "http/json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf,
      Layer.provide(bounded(settings), FetchHttpClient.layer),
      OtlpExporter.layerFlusher
    ]),
    // It would read some of the variables again, in its own way.
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({}))
  )

/** Bounds what is under way, and says once when spans begin to be lost and once when they are taken again. */
const bounded = ({ timeoutMillis, url }: TraceSettings) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (client) => {
      let underWay = 0
      const note = makeNotes(url)
      return HttpClient.transform(client, (response, request) =>
        Effect.suspend(() => {
          if (underWay >= underWayMax) return Effect.andThen(note("is too slow"), givenUp(request))
          underWay += 1
          return response.pipe(
            Effect.tapError(() => note("cannot be reached")),
            Effect.tap(({ status }) => note(status < 300 ? null : `answers ${status}`)),
            Effect.timeoutOrElse({
              duration: timeoutMillis,
              orElse: () => Effect.andThen(note("does not answer in time"), givenUp(request))
            }),
            Effect.ensuring(Effect.sync(() => (underWay -= 1)))
          )
        }))
    })
  )

/** Takes what is wrong with the collector, null if nothing is. */
const makeNotes = (endpoint: string) => {
  let isLosing = false
  return (wrong: string | null) =>
    Effect.suspend(() => {
      if (isLosing === (wrong !== null)) return Effect.void
      isLosing = wrong !== null
      return isLosing
        ? Effect.logWarning(`Traces are lost: their collector ${wrong}`)
        : Effect.logInfo("Traces are taken again")
    }).pipe(Effect.annotateLogs({ endpoint }))
}

/** Of the errors there are, one that is not tried again. */
const givenUp = (request: HttpClientRequest.HttpClientRequest) =>
  new HttpClientError.HttpClientError({ reason: new HttpClientError.EncodeError({ request }) })
