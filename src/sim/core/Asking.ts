/**
 * One request of a client until it is answered: sent to one node after the other, again and again, each time as an
 * attempt of its own. Whichever answer comes first counts.
 */
import type { RequestId } from "../../lock/Identifiers.ts"
import type { LockCommand } from "../../lock/LockCommand.ts"
import type { LockReply } from "../../lock/LockReply.ts"
import type { Rng } from "../Rng.ts"
import type { Abandon, Call, ClientLink } from "./ClientLink.ts"
import type { Answer } from "./Desk.ts"
import type { SimNode } from "./SimNode.ts"

/** What asking needs of its client. */
export interface Asker {
  readonly nodes: ReadonlyArray<SimNode>
  readonly link: ClientLink
  readonly rng: Rng
  readonly patienceMillis: number
  readonly now: () => number
  /** By the client's own clock, and not while it stands still. */
  readonly later: (millis: number, run: () => void) => void
  /** When it can hear: at once, unless it stands still. */
  readonly awake: (run: () => void) => void
}

export interface Question {
  readonly make: (request: RequestId) => LockCommand
  /** What came first, and when the attempt that it answers was sent. */
  readonly answered: (reply: LockReply, sentAt: number) => void
  /** Nobody wants to know any more. */
  readonly isOver: () => boolean
  /** For what can be taken back. */
  readonly abandon?: Abandon
}

export class Asking {
  readonly #asker: Asker
  readonly #question: Question
  readonly #calls: Array<Call> = []
  #isAnswered = false
  /** Counts attempts: what an earlier one has set in motion is void. */
  #attempt = 0

  constructor(asker: Asker, question: Question) {
    this.#asker = asker
    this.#question = question
    this.#send()
  }

  /** Withdraws all attempts. The answer, if one comes, is of no interest. */
  hangUp(): void {
    this.#isAnswered = true
    const { abandon } = this.#question
    if (abandon) { for (const call of this.#calls) call.hangUp(abandon) }
  }

  #send(): void {
    if (this.#isAnswered || this.#question.isOver()) return
    const { awake, later, link, nodes, now, patienceMillis, rng } = this.#asker
    const attempt = this.#attempt += 1
    const sentAt = now()
    // Mostly it knows whom to ask.
    const leader = rng.chance(0.7) ? nodes.find(({ isLeader }) => isLeader) : undefined
    const again = (): void => {
      if (this.#attempt === attempt) this.#send()
    }
    const hear = (answer: Answer): void =>
      awake(() => {
        if (this.#isAnswered) return
        if (answer._tag === "NotLeader") return later(rng.between(5, 40), again)
        // An older attempt, in whose place a newer one has come.
        if (answer._tag === "Superseded") return
        this.#isAnswered = true
        this.#question.answered(answer, sentAt)
      })
    const { abandon, make } = this.#question
    this.#calls.push(link.call(leader ?? rng.pick(nodes), make, hear, abandon))
    later(patienceMillis * (0.5 + rng.next()), again)
  }
}
