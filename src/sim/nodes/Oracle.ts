/**
 * Watches what every node applies: the same entry at each index, the same answers to it, and the answers that the
 * specification gives. It sits where the shell hands entries to its lock table, and sees their bytes as they are.
 *
 * By the specification it knows how every lock is, and so judges what is seen of one and who believes to hold it.
 */
import { Effect, Layer } from "effect"
import * as Codec from "../../node/codec/Codec.ts"
import { type Applied, LockStore } from "../../node/LockStore.ts"
import type { Entry } from "../../raft/Entry.ts"
import { LockSpec } from "../../spec/LockSpec.ts"
import type { Holdings } from "../core/Holdings.ts"
import { isSame } from "../core/invariants/LockRules.ts"
import type { Beliefs } from "./Beliefs.ts"
import { Looks, type Seen } from "./Looks.ts"
import type { Rules } from "./Rules.ts"
import { isSameEntry } from "./SameEntry.ts"
import type { Stamps } from "./Stamps.ts"

interface Known {
  readonly entry: Entry
  readonly settled: Applied["settled"]
}

export interface OracleContext {
  readonly rules: Rules
  readonly holdings: Holdings
  readonly beliefs: Beliefs
  readonly stamps: Stamps
}

export class Oracle {
  readonly #rules: Rules
  readonly #holdings: Holdings
  readonly #beliefs: Beliefs
  readonly #stamps: Stamps
  readonly #spec = new LockSpec()
  readonly #looks = new Looks()
  /** Entry i + 1 at place i. */
  readonly #history: Array<Known> = []
  grants = 0
  /** The entry that brought the membership that is in force, as far as anybody has applied. */
  latestConfig: Entry | undefined

  constructor({ beliefs, holdings, rules, stamps }: OracleContext) {
    this.#beliefs = beliefs
    this.#rules = rules
    this.#holdings = holdings
    this.#stamps = stamps
  }

  /** How many entries some node has applied. */
  get length(): number {
    return this.#history.length
  }

  /** The lock table of one node, watched. */
  layer(node: string): Layer.Layer<LockStore> {
    const watched = Effect.map(LockStore, (store) => ({
      ...store,
      apply: (entry: Entry) => {
        const applied = store.apply(entry)
        this.#rules.check("state machine safety", () => this.#applied(node, entry, applied))
        return applied
      }
    }))
    return Layer.provide(Layer.effect(LockStore, watched), LockStore.layer)
  }

  /** Judges what a look shows that was asked for when so many entries had been applied. */
  seen(lock: string, view: Seen, since: number): void {
    const fault = this.#looks.fault(lock, view, since, this.length)
    if (fault !== undefined) this.#rules.breaks(`linearizable reads: ${fault}`)
  }

  #applied(node: string, entry: Entry, { settled }: Applied): void {
    const { index } = entry
    const known = this.#history[index - 1]
    if (known === undefined) return this.#first(node, entry, settled)
    if (!isSameEntry(known.entry, entry)) throw new Error(`${node} applies another entry ${index} than was applied`)
    if (!isSame(known.settled, settled)) throw new Error(`${node} answers entry ${index} otherwise than another node`)
  }

  #first(node: string, entry: Entry, settled: Applied["settled"]): void {
    if (this.#history.length !== entry.index - 1) throw new Error(`${node} applies ${entry.index} over a gap`)
    this.#history.push({ entry, settled })
    if (entry.payload._tag === "Config") this.latestConfig = entry
    const commands = entry.payload._tag === "Command" ? Codec.batch.decode(entry.payload.bytes).commands : []
    const expected = this.#spec.apply(entry.time, commands)
    this.grants += settled.filter(({ reply }) => reply._tag === "Granted").length
    if (!isSame(settled, expected)) {
      const [told, right] = [settled, expected].map((one) => JSON.stringify(one))
      throw new Error(`entry ${entry.index} is answered ${told}; right were ${right}`)
    }
    this.#stamps.committed(entry, commands.length > 0)
    this.#beliefs.committed(commands, settled, this.#stamps.madeAt(entry) ?? Infinity)
    for (const name of new Set([...this.#looks.names, ...this.#spec.lockNames()])) {
      this.#looks.note(entry.index, name, this.#spec.lock(name))
    }
    this.#holdings.expectHeld((lock, token) => this.#spec.check(lock, token))
  }
}
