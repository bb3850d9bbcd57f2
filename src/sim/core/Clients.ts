/**
 * The clients of a run. Whoever vanishes is replaced by somebody new; when the doors close, each ends what it has begun
 * and leaves.
 */
import type { Rng } from "../Rng.ts"
import { Client, type ClientContext } from "./Client.ts"

export class Counts {
  sessions = 0
  grants = 0
  releases = 0
  hangUps = 0
  losses = 0
  vanished = 0
  pauses = 0
}

export class Clients {
  readonly #context: ClientContext
  readonly #rng: Rng
  #all: ReadonlyArray<Client> = []
  #count = 0
  #isClosing = false

  constructor(context: Omit<ClientContext, "isClosing">, rng: Rng) {
    this.#context = { ...context, isClosing: () => this.#isClosing }
    this.#rng = rng
  }

  begin(): void {
    const { count, thinkMillisMax } = this.#context.scenario.clients
    if (count === 0 || this.#isClosing) return
    this.#all = this.#all.filter(({ isGone }) => !isGone)
    while (this.#all.length < count) {
      this.#count += 1
      this.#all = [...this.#all, new Client(`client${this.#count}`, this.#rng.fork(), this.#context)]
    }
    this.#context.schedule.after(thinkMillisMax, () => this.begin())
  }

  close(): void {
    this.#isClosing = true
  }

  get haveLeft(): boolean {
    return this.#all.every(({ isGone }) => isGone)
  }
}
