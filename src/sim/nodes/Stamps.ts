/**
 * The replicated clock never runs faster than the fastest clock of a node, over whole nodes and all leaders: from that
 * alone follows that no lease is ended early. It sits between a node and its log, where a leader's entry is first seen
 * in the turn that makes it.
 */
import { Effect, Layer } from "effect"
import { LogStore } from "../../node/LogStore.ts"
import type { Entry } from "../../raft/Entry.ts"
import type { Rules } from "./Rules.ts"
import { isSameEntry } from "./SameEntry.ts"

/** Stamps are whole milliseconds, and a clock that a leader goes on with was read a little ago. */
const roundingMillis = 2

export class Stamps {
  readonly #rules: Rules
  readonly #now: () => number
  readonly #rate: number
  readonly #made = new Map<string, { readonly entry: Entry; readonly atMillis: number }>()
  /** The least that any stamp was ahead of real time, if that ran at the fastest rate: it never rises again. */
  #ahead = Infinity

  constructor(rules: Rules, now: () => number, clockSpread: number) {
    this.#rules = rules
    this.#now = now
    this.#rate = 1 + clockSpread
  }

  /** The log of one node, watched. */
  layer<E>(log: Layer.Layer<LogStore, E>): Layer.Layer<LogStore, E> {
    const watched = Effect.map(LogStore, ({ recovered, write }) =>
      LogStore.of({
        recovered,
        write: (all) =>
          Effect.suspend(() => {
            for (const entry of all.entries) this.#note(entry)
            return write(all)
          })
      }))
    return Layer.provide(Layer.effect(LogStore, watched), log)
  }

  /** An entry is committed, the one after the last. */
  committed(entry: Entry, hasCommands: boolean): void {
    const madeAt = this.madeAt(entry)
    if (madeAt === undefined) return
    const current = entry.time - this.#rate * madeAt
    if (current > this.#ahead + roundingMillis) {
      const millis = Math.ceil(current - this.#ahead)
      this.#rules.breaks(`the replicated clock: the stamp of entry ${entry.index} is ${millis} ms too far on`)
    }
    // Raft's own entries take the stamp of the one before, which is old. No lease begins with one of them.
    if (hasCommands) this.#ahead = Math.min(this.#ahead, current)
  }

  /** In real time; undefined if nobody was seen to make it. */
  madeAt(entry: Entry): number | undefined {
    return this.#made.get(keyOf(entry))?.atMillis
  }

  // A sole voter that falls before its term is on its disk may lead that term again, and nobody has heard of it before.
  #note(entry: Entry): void {
    const key = keyOf(entry)
    const known = this.#made.get(key)
    if (known === undefined || !isSameEntry(known.entry, entry)) this.#made.set(key, { entry, atMillis: this.#now() })
  }
}

const keyOf = ({ index, term }: Entry): string => `${index} of ${term}`
