/**
 * Traces of a command, where its environment names a collector in the variables of OpenTelemetry; `TRACEPARENT` is what
 * they hang under. Nothing of it is loaded otherwise.
 */
import { Effect, Random, Tracer } from "effect"
import { hostname } from "node:os"
import * as TraceSettings from "../node/config/TraceSettings.ts"

export const traced = Effect.fnUntraced(function*<A, E, R>(use: Effect.Effect<A, E, R>) {
  const settings = yield* TraceSettings.read(process.env)
  if (settings === null) return yield* use
  const Otlp = yield* Effect.promise(() => import("../node/tracing/Otlp.ts"))
  const { parentOf } = yield* Effect.promise(() => import("../node/tracing/Tracing.ts"))
  const parent = parentOf(process.env["TRACEPARENT"])
  const random = yield* Random.Random
  if (!Otlp.samplerOf(settings, () => random.nextDoubleUnsafe())(parent)) return yield* use
  const tracer = yield* Otlp.makeTracer(settings, `${hostname()}/${process.pid}`)
  const under = parent === null ? use : Effect.withParentSpan(use, parent)
  return yield* Effect.provideService(under, Tracer.Tracer, tracer)
}, Effect.scoped)
