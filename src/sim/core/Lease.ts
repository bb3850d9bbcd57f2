/**
 * A session as its client knows it: when it may believe in it no more, and the numbers of its requests. The deadline
 * counts from before the renewal was sent, by the client's own clock, and stops at 90 % of the TTL.
 */
import { SessionHash } from "../../lock/Identifiers.ts"

/** What is left of a TTL or a hold when a client gives up. */
const heldPart = 0.9

export class Lease {
  readonly session: SessionHash
  readonly ttlMillis: number
  /** In real time. */
  deadline: number
  /** The client has given it up, or has been told that it is over. */
  isOver = false
  /** The client has asked for its end. */
  isEnding = false
  readonly #rate: number
  #seq = 0
  readonly #open = new Set<number>()

  constructor(name: string, ttlMillis: number, sentAt: number, rate: number) {
    this.session = SessionHash.make(name)
    this.ttlMillis = ttlMillis
    this.#rate = rate
    this.deadline = this.until(sentAt, ttlMillis)
  }

  /** When something of that length is over that began no earlier than what was sent then. */
  until(sentAt: number, millis: number): number {
    return sentAt + (heldPart * millis) / this.#rate
  }

  renewed(sentAt: number): void {
    this.deadline = Math.max(this.deadline, this.until(sentAt, this.ttlMillis))
  }

  nextSeq(): number {
    this.#seq += 1
    this.#open.add(this.#seq)
    return this.#seq
  }

  close(seq: number): void {
    this.#open.delete(seq)
  }

  /** Every request up to here has its answer, or is of no interest any more. */
  get seqDone(): number {
    let lowest = this.#seq + 1
    for (const seq of this.#open) lowest = Math.min(lowest, seq)
    return lowest - 1
  }
}
