/**
 * The variables of OpenTelemetry: what turns traces on and off, what they mean, and what is said of a wrong one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { read } from "../../../src/node/config/TraceSettings.ts"

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" }

describe("Traces", () => {
  it.effect("are off unless an endpoint is named, and off if they are said to be", () =>
    Effect.gen(function*() {
      for (
        const variables of [
          {},
          { OTEL_EXPORTER_OTLP_ENDPOINT: "" },
          { OTEL_SERVICE_NAME: "locks" },
          { ...endpoint, OTEL_SDK_DISABLED: "true" },
          { ...endpoint, OTEL_TRACES_EXPORTER: "none" }
        ]
      ) assert.isNull(yield* read(variables), JSON.stringify(variables))
    }))

  it.effect("go below the endpoint of all signals, by protobuf, all of them", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* read(endpoint), {
        url: "http://collector:4318/v1/traces",
        headers: {},
        protocol: "http/protobuf",
        compression: "none",
        timeoutMillis: 10_000,
        delayMillis: 5_000,
        serviceName: "holdfast",
        attributes: {},
        followsParent: true,
        ratio: 1
      })
    }))

  it.effect("are told apart from other signals, in their own words before the common ones", () =>
    Effect.gen(function*() {
      const settings = yield* read({
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://elsewhere",
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://collector/custom?x=1",
        OTEL_EXPORTER_OTLP_HEADERS: "a=common",
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: "authorization=Bearer%20x%3D1, b = 2",
        OTEL_EXPORTER_OTLP_PROTOCOL: "HTTP/JSON",
        OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
        OTEL_EXPORTER_OTLP_TIMEOUT: "250",
        OTEL_RESOURCE_ATTRIBUTES: "service.name=ignored,deployment.environment.name=prod",
        OTEL_SERVICE_NAME: "locks",
        OTEL_TRACES_SAMPLER: "traceidratio",
        OTEL_TRACES_SAMPLER_ARG: "0.25"
      })
      assert.deepStrictEqual(settings, {
        url: "https://collector/custom?x=1",
        headers: { authorization: "Bearer x=1", b: "2" },
        protocol: "http/json",
        compression: "gzip",
        timeoutMillis: 250,
        delayMillis: 5_000,
        serviceName: "locks",
        attributes: { "deployment.environment.name": "prod" },
        followsParent: false,
        ratio: 0.25
      })
      const path = yield* read({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector/otlp/" })
      assert.strictEqual(path?.url, "http://collector/otlp/v1/traces")
    }))

  it.effect("that cannot go anywhere stop the start, and no header is shown", () =>
    Effect.gen(function*() {
      const { complaints } = yield* Effect.flip(read({
        OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
        OTEL_EXPORTER_OTLP_PROTOCOL: "grpc"
      }))
      assert.deepStrictEqual(complaints, [
        "OTEL_EXPORTER_OTLP_ENDPOINT is \"collector:4318\", and must be a URL that begins with http:// or https://"
      ])
      const wrong = yield* Effect.flip(read({
        ...endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
        OTEL_EXPORTER_OTLP_HEADERS: "secret",
        OTEL_EXPORTER_OTLP_TIMEOUT: "soon",
        OTEL_TRACES_SAMPLER: "jaeger_remote"
      }))
      assert.deepStrictEqual(wrong.complaints, [
        "OTEL_TRACES_SAMPLER is \"jaeger_remote\", and must be one of: always_on, always_off, traceidratio, " +
        "parentbased_always_on, parentbased_always_off, parentbased_traceidratio",
        "OTEL_EXPORTER_OTLP_HEADERS must be pairs: key=value,key=value",
        "OTEL_EXPORTER_OTLP_PROTOCOL is \"grpc\", and must be one of: http/protobuf, http/json",
        "OTEL_EXPORTER_OTLP_TIMEOUT is \"soon\", and must be a number from 1 to 600000"
      ])
    }))
})
