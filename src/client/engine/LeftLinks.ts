/**
 * Links that a client has left while their nodes may live. Where a wait ends with its link, a node that sees one closed
 * takes the waiter out of the queue, unless it has been asked for again since. So such a link stays open until nothing
 * is under way on it: the cluster answers a wait that has been asked for anew by another way.
 */
import { Effect, type Fiber } from "effect"
import type { Link } from "../transport/ClientTransport.ts"

export interface OpenLink {
  readonly link: Link
  readonly close: Effect.Effect<void>
  /** Another link has taken over: what this one still tells is out of date. */
  isPast: boolean
}

export class LeftLinks {
  readonly #closing = new Map<OpenLink, Fiber.Fiber<void>>()

  /** Until the next link is there, it is heard. Of too many the oldest is closed. */
  add(left: OpenLink): Effect.Effect<void> {
    const { close, link: { drained } } = left
    if (drained === undefined) return close
    const closing = Effect.andThen(
      drained,
      Effect.suspend(() => {
        this.#closing.delete(left)
        return close
      })
    )
    return Effect.gen({ self: this }, function*() {
      const [oldest] = this.#closing
      this.#closing.set(left, yield* Effect.forkDetach(closing))
      if (oldest !== undefined && this.#closing.size > linksMax) yield* this.#closeNow(...oldest)
    })
  }

  /** The next link is there. */
  replaced(): void {
    for (const left of this.#closing.keys()) left.isPast = true
  }

  readonly closeAll: Effect.Effect<void> = Effect.suspend(() =>
    Effect.forEach([...this.#closing], ([left, closing]) => this.#closeNow(left, closing), { discard: true })
  )

  #closeNow(left: OpenLink, closing: Fiber.Fiber<void>): Effect.Effect<void> {
    this.#closing.delete(left)
    closing.interruptUnsafe()
    return left.close
  }
}

const linksMax = 8
