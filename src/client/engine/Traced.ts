/**
 * The client's span of an acquire, from the question to the grant or the refusal, under whatever span its caller is in.
 * It is made by the tracer that the program provides; without one there is none, and nothing is sent along.
 */
import { Context, Effect, Tracer } from "effect"
import type { AcquireRequest } from "./Acquisition.ts"

export const traced = <A, E, R>(
  request: AcquireRequest,
  acquire: (request: AcquireRequest) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.contextWith((context: Context.Context<R>) => {
    if (!context.mapUnsafe.has(Tracer.Tracer.key)) return acquire(request)
    const attributes = { "holdfast.lock": request.name }
    return Effect.useSpan("holdfast.acquire", { kind: "client", attributes }, (span) =>
      acquire(isRecorded(span) ? { ...request, traceparent: traceparentOf(span) } : request))
  })

const isRecorded = ({ annotations, sampled }: Tracer.Span): boolean =>
  sampled && !Context.get(annotations, Tracer.DisablePropagation)

/** As W3C Trace Context has it; other systems' ids of 64 bits are shorter. */
const traceparentOf = ({ spanId, traceId }: Tracer.Span): string => `00-${traceId.padStart(32, "0")}-${spanId}-01`
