/**
 * The requests of clients at one node: those that wait to be proposed, and those whose reply is still to come. A crash
 * forgets both. It is the shell's table of requests, without the forwarding.
 */
import { RequestId } from "../../lock/Identifiers.ts"
import { type LockCommand, renewalsFirst } from "../../lock/LockCommand.ts"
import type { LockReply, Settled } from "../../lock/LockReply.ts"

/** Why a node did nothing; or the reply. */
export type Answer = LockReply | { readonly _tag: "NotLeader" }

export interface Submitted {
  readonly request: RequestId
  readonly command: LockCommand
  readonly answer: (answer: Answer) => void
}

export class Desk {
  readonly #prefix: string
  #count = 0
  #waiting: Array<Submitted> = []
  readonly #proposed = new Map<string, Submitted>()

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Every copy that arrives is a request of its own. */
  submit(make: (request: RequestId) => LockCommand, answer: (answer: Answer) => void): RequestId {
    this.#count += 1
    const request = RequestId.make(`${this.#prefix}/${this.#count}`)
    this.#waiting.push({ request, command: make(request), answer })
    return request
  }

  /** What there is to propose; from now on its reply is awaited. */
  take(): ReadonlyArray<LockCommand> {
    const waiting = this.#waiting
    this.#waiting = []
    for (const submitted of waiting) this.#proposed.set(submitted.request, submitted)
    return renewalsFirst(waiting.map(({ command }) => command))
  }

  refuse(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { answer } of waiting) answer({ _tag: "NotLeader" })
  }

  settle(settled: ReadonlyArray<Settled>): void {
    for (const { reply, request } of settled) {
      const submitted = this.#proposed.get(request)
      if (submitted === undefined) continue
      this.#proposed.delete(request)
      submitted.answer(reply)
    }
  }

  /** Whether the reply to this one is still to come. */
  awaits(request: RequestId): boolean {
    return this.#proposed.has(request) || this.#waiting.some((submitted) => submitted.request === request)
  }
}
