/**
 * The history of one lock, made ready to be put in order: what must be placed, and what may be.
 *
 * What surely did nothing is left out, and so is what can only narrow the choice: a renewal or a read of unknown
 * outcome. A grant is known by its token. An acquire of unknown outcome was done if somebody saw its owner hold.
 */
import type { Operation } from "./Operation.ts"

/** What must find a place in the order, at some moment from `start` to `end`. */
export interface Event {
  readonly operation: Operation
  readonly does: "grant" | "release" | "extend" | "see holder" | "see free" | "see taken" | "see other"
  readonly start: number
  readonly end: number
  /** Of the grant that it is about. */
  readonly token: number
  /** For how long a grant or renewal surely lasts, in nanoseconds. */
  readonly lease: number
}

export interface LockHistory {
  /** In order of their starts. */
  readonly events: ReadonlyArray<Event>
  /** When the acquires were sent of which nobody learned more: each may have held the lock once, from then on. */
  readonly anonymous: ReadonlyArray<number>
  /** Grants that may have been or not: only in a part of a history, of which the rest is not believed. */
  readonly doubtful: ReadonlyArray<{ readonly start: number; readonly token: number }>
  /** By token: from when on its grant may have been released, by a request whose outcome is not known. */
  readonly mayBeReleased: ReadonlyMap<number, number>
  /** The grants whose release was asked for more than once, and not refused. */
  readonly releasedTwice: ReadonlySet<number>
}

export const lockHistory = (operations: ReadonlyArray<Operation>, leaseMsDefault: number): LockHistory => {
  const done = operations.filter(({ result }) => result !== "fail").toSorted((a, b) => a.start - b.start)
  const tokens = new Tokens(done, new Set(operations.filter(({ op }) => op === "acquire").map(({ owner }) => owner)))
  const mayBeReleased = new Map<number, number>()
  const events: Array<Event> = []
  const anonymous: Array<number> = []
  const doubtful: Array<{ readonly start: number; readonly token: number }> = []
  for (const operation of done) {
    const token = tokens.of(operation)
    const { op, result, start } = operation
    if (result !== "unknown") events.push(...eventsOf(operation, tokens, leaseMsDefault))
    else if (op === "release") mayBeReleased.set(token, Math.min(start, mayBeReleased.get(token) ?? Infinity))
    else if (op === "acquire" && tokens.wasSeen(operation)) {
      events.push({ operation, does: "grant", start, end: Infinity, token, lease: 0 })
    } else if (op === "acquire" && operation.token !== null) doubtful.push({ start, token })
    else if (op === "acquire") anonymous.push(start)
  }
  events.sort((a, b) => a.start - b.start || a.end - b.end)
  return { events, anonymous, doubtful, mayBeReleased, releasedTwice: tokens.releasedTwice() }
}

const nanosPerMilli = 1e6

const eventsOf = (operation: Operation, tokens: Tokens, leaseMsDefault: number): ReadonlyArray<Event> => {
  const token = tokens.of(operation)
  const { end, op, result, start } = operation
  const lease = (operation.leaseMs ?? leaseMsDefault) * nanosPerMilli
  const event = { operation, start, end, token, lease }
  if (result === "held") return whileWaiting({ ...event, does: "see taken" })
  if (result === "not_holder") return [{ ...event, does: "see other" }]
  switch (op) {
    case "acquire":
      return [{ ...event, does: "grant" }]
    case "release":
      return [{ ...event, does: "release" }]
    case "renew":
      return [{ ...event, does: "extend" }]
    case "get":
      return [{ ...event, does: operation.token === null ? "see free" : "see holder" }]
  }
}

/** Who waited in vain saw the lock taken when it began to wait, and still when it left. */
const whileWaiting = (event: Event): ReadonlyArray<Event> => {
  const waited = (event.operation.waitMs ?? 0) * nanosPerMilli
  if (waited <= 0 || event.end - event.start < waited) return [event]
  return [{ ...event, end: event.end - waited }, { ...event, start: event.start + waited }]
}

/** What is nobody's grant. No event that is about it can come next. */
const noGrant = -2

/** Which grant an operation is about. */
class Tokens {
  readonly #acquirers: ReadonlySet<string>
  readonly #owners = new Map<number, string>()
  /** The latest grant of each owner. */
  readonly #byOwner = new Map<string, number>()
  /** The acquires of unknown outcome that somebody saw to be done. */
  readonly #seen = new Map<Operation, number>()

  /** How often each grant's release was asked for and perhaps done. */
  readonly #releases = new Map<number, number>()

  constructor(operations: ReadonlyArray<Operation>, owners: ReadonlySet<string>) {
    this.#acquirers = owners
    for (const { op, owner, result, token } of operations) {
      if (op === "acquire" && result === "ok") this.#note(owner, token!)
    }
    const untold = operations.filter(({ op, result }) => op === "acquire" && result === "unknown")
    for (const { op, owner, result, start, token } of operations) {
      if (op === "acquire" || result !== "ok" || token === null || this.#owners.has(token)) continue
      const candidates = untold.filter((one) => !this.#seen.has(one) && (one.token ?? token) === token)
      const acquire = candidates.find((one) =>
        one.owner === owner || (!this.#isHolders(op, owner) && one.start <= start)
      )
      if (acquire === undefined) continue
      this.#seen.set(acquire, token)
      this.#note(acquire.owner, token)
    }
    for (const operation of operations) {
      if (operation.op !== "release" || operation.result === "not_holder") continue
      const token = this.of(operation)
      this.#releases.set(token, 1 + (this.#releases.get(token) ?? 0))
    }
  }

  releasedTwice(): ReadonlySet<number> {
    return new Set([...this.#releases].filter(([, times]) => times > 1).map(([token]) => token))
  }

  #note(owner: string, token: number): void {
    this.#byOwner.set(owner, token)
    if (!this.#owners.has(token)) this.#owners.set(token, owner)
  }

  of(operation: Operation): number {
    const { op, owner, token } = operation
    if (op === "acquire") return this.#seen.get(operation) ?? token ?? noGrant
    if (token === null) return this.#byOwner.get(owner) ?? noGrant
    return this.#isHolders(op, owner) && this.#owners.get(token) !== owner ? noGrant : token
  }

  /** Whether the owner is the holder's. What a read tells of the owner may as well be the name of the reader. */
  #isHolders(op: Operation["op"], owner: string): boolean {
    return op === "get" ? this.#acquirers.has(owner) : owner !== ""
  }

  wasSeen(acquire: Operation): boolean {
    return this.#seen.has(acquire)
  }
}
