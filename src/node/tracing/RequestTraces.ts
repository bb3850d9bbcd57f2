/**
 * What becomes of traced requests on one node: their way to the leader, and there the entry, its sync, its followers,
 * its application and the grant. It hears of each from the turn that does it, and decides nothing.
 *
 * What is traced at once is bounded; what is beyond that has fewer spans.
 */
import type { Tracer } from "effect"
import type { LockCommand } from "../../lock/LockCommand.ts"
import type { Settled } from "../../lock/LockReply.ts"
import type { Entry, LogIndex, Term } from "../../raft/Entry.ts"
import type { NodeId } from "../../raft/Membership.ts"
import type { RaftState } from "../../raft/RaftState.ts"
import type { Outcome, Pending } from "../requests/Requests.ts"
import { type Attributes, traceparentOf, type Tracing } from "./Tracing.ts"

/** Of one request. */
export interface RequestTrace {
  /** What its spans hang under: the caller's. */
  readonly parent: Tracer.AnySpan
  /** Of its way to the leader or, on the leader, of all that is done with it. */
  open: Tracer.Span | null
  /** When its entry was applied; a waiter waits from then on. */
  appliedAt: bigint | null
}

interface TracedEntry {
  readonly proposedAt: bigint
  readonly spans: ReadonlyArray<Tracer.Span>
  readonly traces: ReadonlyArray<RequestTrace>
  /** The followers that have it on disk. */
  readonly acknowledged: Set<NodeId>
}

/** Entries whose followers are still waited for. One of a follower that is down stays until there are more. */
const entriesMax = 1_024

export class RequestTraces {
  readonly #tracing: Tracing
  readonly #entries = new Map<LogIndex, TracedEntry>()

  constructor(tracing: Tracing) {
    this.#tracing = tracing
  }

  now(): bigint {
    return this.#tracing.now()
  }

  /** A request that came with this span; one that is not recorded is none. */
  of(parent: Tracer.AnySpan | null | undefined): RequestTrace | undefined {
    return parent?.sampled === true ? { parent, open: null, appliedAt: null } : undefined
  }

  /** It goes to the leader, and takes with it what is returned. */
  forwarded(trace: RequestTrace, leader: NodeId): string | undefined {
    this.ended(trace, "sent again")
    trace.open = this.#tracing.begin("raft.forward", {
      parent: trace.parent,
      kind: "client",
      attributes: { "holdfast.node": leader }
    })
    return trace.open === null ? undefined : traceparentOf(trace.open)
  }

  /** This leader has put these commands into an entry. */
  proposed(index: LogIndex, term: Term, commands: ReadonlyArray<LockCommand>, pendingOf: PendingOf): void {
    const traces: Array<RequestTrace> = []
    const proposedAt = this.now()
    for (const command of commands) {
      const pending = command._tag === "Tick" ? undefined : pendingOf(command.request)
      if (pending?.trace === undefined) continue
      const { origin, trace } = pending
      const attributes = { "holdfast.term": term, "holdfast.index": index, ...attributesOf(command) }
      this.ended(trace, "sent again")
      trace.open = this.#tracing.begin("raft.propose", {
        parent: trace.parent,
        kind: origin === null ? "internal" : "server",
        attributes,
        since: proposedAt
      })
      traces.push(trace)
    }
    if (traces.length === 0) return
    const [oldest] = this.#entries.keys()
    if (this.#entries.size >= entriesMax && oldest !== undefined) this.#entries.delete(oldest)
    const spans = traces.flatMap(({ open }) => open ?? [])
    this.#entries.set(index, { proposedAt, spans, traces, acknowledged: new Set() })
  }

  /** These have been written and synced, in so many milliseconds. */
  persisted(entries: ReadonlyArray<Entry>, millis: number): void {
    const since = this.now() - BigInt(Math.round(millis * 1e6))
    for (const { index } of entries) {
      this.#add(this.#entries.get(index), "raft.append", since, { "holdfast.entries": entries.length })
    }
  }

  /** What followers have written by now. */
  acknowledged({ role }: RaftState): void {
    if (this.#entries.size === 0 || role._tag !== "Leader") return
    for (const [index, entry] of this.#entries) {
      for (const [node, { matchIndex }] of role.progress) {
        if (matchIndex < index || entry.acknowledged.has(node)) continue
        entry.acknowledged.add(node)
        this.#add(entry, "raft.replicate", entry.proposedAt, { "holdfast.node": node })
      }
      if (entry.acknowledged.size === role.progress.size && entry.traces[0]?.appliedAt !== null) {
        this.#entries.delete(index)
      }
    }
  }

  /** An entry has been applied, since then, and has settled these: its own requests, and waiters of earlier ones. */
  applied(index: LogIndex, since: bigint, settled: ReadonlyArray<Settled>, pendingOf: PendingOf): void {
    const entry = this.#entries.get(index)
    const now = this.now()
    this.#add(entry, "lock.apply", since, {})
    for (const trace of entry?.traces ?? []) trace.appliedAt = now
    for (const { reply, request } of settled) {
      const trace = pendingOf(request)?.trace
      if (reply._tag !== "Granted" || !trace?.open) continue
      const granted = this.#tracing.begin("lock.grant", { parent: trace.open, since: trace.appliedAt ?? now })
      if (granted) this.#tracing.end(granted, { "holdfast.token": reply.token })
    }
  }

  /** The caller has been told. */
  settled(trace: RequestTrace, outcome: Outcome): void {
    if ("reply" in outcome) this.ended(trace, outcome.reply._tag)
    else this.ended(trace, outcome.failure, outcome.failure)
  }

  ended(trace: RequestTrace | undefined, outcome: string, failure?: string): void {
    if (!trace?.open) return
    this.#tracing.end(trace.open, { "holdfast.outcome": outcome }, failure)
    trace.open = null
  }

  /** This node leads no more: what it had of others goes to the next leader. */
  deposed(foreign: Iterable<Pending>): void {
    this.#entries.clear()
    for (const { trace } of foreign) this.ended(trace, "not-leader")
  }

  #add(entry: TracedEntry | undefined, name: string, since: bigint, attributes: Attributes): void {
    for (const parent of entry?.spans ?? []) {
      const span = this.#tracing.begin(name, { parent, attributes, since })
      if (span) this.#tracing.end(span)
    }
  }
}

type PendingOf = (request: string) => Pending | undefined

const attributesOf = (command: LockCommand): Attributes =>
  "lock" in command
    ? { "holdfast.command": command._tag, "holdfast.lock": command.lock }
    : { "holdfast.command": command._tag }
