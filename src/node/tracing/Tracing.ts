/**
 * Spans of a node, made by hand: whoever traces says when one begins and ends and what it hangs under. Unless a
 * `Tracing` is provided there is none, and each place that could be traced costs one comparison with null.
 *
 * No span holds a URL, a session, an owner or a label.
 */
import { Context, Exit, Option, Tracer } from "effect"
import { Headers, HttpTraceContext } from "effect/http"

export type Attributes = Readonly<Record<string, string | number>>

export interface SpanOptions {
  /** What it hangs under; null for the first one of a trace. */
  readonly parent: Tracer.AnySpan | null
  readonly kind?: Tracer.SpanKind
  readonly attributes?: Attributes
  /** When it began, if that is not now. */
  readonly since?: bigint
}

export interface Tracing {
  /** Nanoseconds since 1970, for spans. */
  readonly now: () => bigint
  /** Null for what is not to be recorded. */
  readonly begin: (name: string, options: SpanOptions) => Tracer.Span | null
  readonly end: (span: Tracer.Span, attributes?: Attributes, failure?: string) => void
}

/** Of the node that it is provided to; null for one that does not trace. */
export const Tracing = Context.Reference<Tracing | null>("node/tracing/Tracing", { defaultValue: () => null })

/** Whether a trace is recorded that comes from elsewhere, or begins here: then it hangs under nothing. */
export type Sampler = (parent: Tracer.ExternalSpan | null) => boolean

export const make = (tracer: Tracer.Tracer, isSampled: Sampler, now: () => bigint): Tracing => ({
  now,
  begin: (name, { attributes = {}, kind = "internal", parent, since = now() }) => {
    // What this process has begun goes on.
    if (parent?._tag === "Span" ? !parent.sampled : !isSampled(parent)) return null
    const span = tracer.span({
      name,
      parent: Option.fromNullishOr(parent),
      annotations: Context.empty(),
      links: [],
      startTime: since,
      kind,
      root: parent === null,
      sampled: true
    })
    annotate(span, attributes)
    return span
  },
  end: (span, attributes = {}, failure) => {
    annotate(span, attributes)
    span.end(now(), failure === undefined ? Exit.void : Exit.fail(failure))
  }
})

const annotate = (span: Tracer.Span, attributes: Attributes): void => {
  for (const key in attributes) span.attribute(key, attributes[key])
}

/** A span as other processes are told of it, in the words of W3C Trace Context. */
export const traceparentOf = ({ sampled, spanId, traceId }: Tracer.AnySpan): string =>
  `00-${traceId.padStart(32, "0")}-${spanId}-${sampled ? "01" : "00"}`

/** The span that another process tells of; null if it tells of none, or in no way that can be read. */
export const parentOf = (traceparent: string | undefined): Tracer.ExternalSpan | null =>
  traceparent === undefined
    ? null
    : Option.getOrNull(HttpTraceContext.w3c(Headers.fromRecordUnsafe({ traceparent })))
