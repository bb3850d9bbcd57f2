/**
 * What leaves for a collector, and what becomes of it while the collector does not take it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Logger, Tracer } from "effect"
import * as Otlp from "../../src/node/tracing/Otlp.ts"
import * as Tracing from "../../src/node/tracing/Tracing.ts"
import { makeCollector } from "./Collector.ts"

const remote = (traceId: string, sampled: boolean) => Tracer.externalSpan({ traceId, spanId: "0".repeat(16), sampled })

const tracingTo = (settings: Parameters<typeof Otlp.layer>[0]) =>
  Effect.map(Layer.build(Otlp.layer(settings, "node1")), (context) => Context.get(context, Tracing.Tracing))

describe("A node that traces", () => {
  it.live("sends spans as the settings say, and the last ones when it stops", () =>
    Effect.gen(function*() {
      const collector = yield* makeCollector
      const settings = { ...collector.settings, protocol: "http/protobuf" as const, headers: { "x-key": "1" } }
      yield* Effect.scoped(Effect.map(tracingTo(settings), (tracing) => {
        tracing?.end(tracing.begin("one", { parent: null })!)
      }))
      yield* collector.until(() => collector.requests.length === 1)
      const [{ headers, url }] = collector.requests as [typeof collector.requests[0]]
      assert.strictEqual(url, "/v1/traces")
      assert.deepStrictEqual([headers["content-type"], headers["x-key"]], ["application/x-protobuf", "1"])
    }))

  it.live("says once that its spans are lost, and once that they are taken again", () => {
    const logged: Array<string> = []
    const logger = Logger.map(Logger.formatJson, (line) => void logged.push(line))
    return Effect.gen(function*() {
      const collector = yield* makeCollector
      collector.answers.push(400)
      const tracing = yield* tracingTo({ ...collector.settings, delayMillis: 5 })
      tracing?.end(tracing.begin("lost", { parent: null })!)
      yield* collector.until(() => logged.length === 1)
      assert.include(logged[0], "Traces are lost: their collector answers 400")
      assert.include(logged[0], collector.settings.url)
    }).pipe(Effect.provide(Logger.layer([logger])))
  })

  it("records the share of traces that it is told, and what is recorded elsewhere", () => {
    const half = Otlp.samplerOf({ followsParent: true, ratio: 0.5 }, () => 0.49)
    assert.isTrue(half(null))
    assert.isFalse(Otlp.samplerOf({ followsParent: true, ratio: 0.5 }, () => 0.5)(null))
    assert.isFalse(Otlp.samplerOf({ followsParent: true, ratio: 0 }, () => 0)(null))
    assert.isTrue(half(remote("f".repeat(32), true)))
    assert.isFalse(half(remote("0".repeat(32), false)))
    const byId = Otlp.samplerOf({ followsParent: false, ratio: 0.5 }, () => 0)
    assert.isFalse(byId(remote("f".repeat(32), true)))
    assert.isTrue(byId(remote(`${"f".repeat(24)}7fffffff`, false)))
  })
})
