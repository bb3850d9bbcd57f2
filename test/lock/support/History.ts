/**
 * Random histories of a small world: three locks, three clients, two owners, a few seqs, so that everything collides.
 *
 * What is generated are moves, which say "release the grant before last", not commands: so a history that is shrunk
 * still makes sense. A `Player` turns moves into commands by what it has sent and has been told.
 */
import { Arbitrary, Schema } from "effect"

import type { Acquire, LockCommand } from "../../../src/lock/LockCommand.ts"
import type { Settled } from "../../../src/lock/LockReply.ts"
import { abandon, acquire, end, mint, name, open, queue, release, renew } from "./commands.ts"

export const lockNames = ["a", "\ufb01", "\u{1f600}"].map(name)

const Lock = Schema.Literals(["a", "\ufb01", "\u{1f600}"])
const Who = Schema.Literals(["ann", "bob", "cy", "the latest minted"])
const Mode = Schema.Literals(["exclusive", "shared"])
const Permits = Schema.Literals([1, 2])
const Ttl = Schema.Literals([40, 300, 2_000])
const Wait = Schema.Literals([0, 3, 30, 300])
const LockDelay = Schema.Literals([0, 4, 25])
// A fraction is none. There are several so that none is drawn more often.
const MaxHold = Schema.Literals([0.1, 0.2, 5, 30])
const Seq = Schema.Literals([0.1, 0.2, 1, 2, 3, 4])
const SeqDone = Schema.Literals([0.1, 0.2, 0.3, 0.4, 0, 1, 3])
/** How far back, in what has been sent or granted. */
const Nth = Schema.Literals([0, 1, 2, 5, 9])
const Owners = Schema.Literals(["", "o"])
const asked = { lock: Lock, mode: Mode, permits: Permits, wait: Wait, delay: LockDelay, hold: MaxHold, seq: Seq }

const Move = Schema.TaggedUnion({
  Session: { who: Who, does: Schema.Literals(["open", "open again", "renew", "renew again", "end"]), ttl: Ttl },
  Acquire: { who: Who, owner: Owners, done: SeqDone, ...asked },
  /** An acquire of the simplest kind, always of the same lock: of these a long queue is made. */
  Queue: { who: Who, owner: Schema.Literals(["", "o", "p", "q", "r"]), seq: Seq },
  /** So many owners ask for one lock that its claims are not found by walking any more. */
  Crowd: { who: Who, mode: Mode, wait: Wait, delay: LockDelay, hold: MaxHold },
  Mint: { ttl: Ttl, ...asked },
  Retry: { nth: Nth, wait: Wait, seq: Seq },
  Release: { nth: Nth, owner: Schema.Literals(["none", "right", "wrong"]), seq: Seq, done: SeqDone },
  MistakenRelease: { nth: Nth, who: Who, lock: Lock },
  Abandon: { nth: Nth },
  /** The same bytes once more, by whatever way. */
  Copy: { nth: Nth }
})
type Move = typeof Move.Type
type Crowd = typeof Move.cases.Crowd.Type

const crowdSize = 10

const Entry = Schema.Struct({
  pause: Schema.Literals([0, 1, 2, 5, 25]),
  moves: Schema.Array(Move).check(Schema.isMaxLength(5))
})
export type Entry = typeof Entry.Type

export const History = Arbitrary.array(Arbitrary.schema(Entry), { maxLength: 60 })

export class Player {
  time = 0
  readonly #sent: Array<LockCommand> = []
  readonly #acquires = new Map<string, Acquire>()
  readonly #grants: Array<{ readonly acquire: Acquire; readonly token: number }> = []
  #minted = 0
  #requests = 0

  /** Before all entries, at time 0. */
  opening(): ReadonlyArray<LockCommand> {
    return ["ann", "bob", "cy"].map((who) => open(who, 1_000))
  }

  /** The next entry. Its stamp is `time`. */
  commands(entry: Entry): ReadonlyArray<LockCommand> {
    this.time += entry.pause
    return entry.moves.flatMap((move) => {
      const commands = move._tag === "Crowd" ? this.#crowd(move) : present(this.#command(move, this.#request()))
      this.#sent.push(...commands)
      for (const command of commands) if (command._tag === "Acquire") this.#acquires.set(command.request, command)
      return commands
    })
  }

  learn(settled: ReadonlyArray<Settled>): void {
    for (const { reply, request } of settled) {
      const acquire = this.#acquires.get(request)
      if (reply._tag === "Granted" && acquire !== undefined) this.#grants.push({ acquire, token: reply.token })
    }
  }

  #crowd(move: Crowd): ReadonlyArray<LockCommand> {
    return Array.from({ length: crowdSize }, (_, i) =>
      acquire(this.#request(), this.#session(move.who), {
        ...options({ ...move, lock: "\u{1f600}", permits: 1, seq: 0.1 }),
        permits: crowdSize - 2,
        owner: `crowd ${i}`
      }))
  }

  #command(move: Exclude<Move, Crowd>, request: string): LockCommand | undefined {
    switch (move._tag) {
      case "Session": {
        const session = this.#session(move.who)
        if (move.does.startsWith("open")) return open(session, move.ttl, request)
        return move.does === "end" ? end(session, request) : renew(session, request)
      }
      case "Acquire":
        return acquire(request, this.#session(move.who), { ...options(move), owner: move.owner, ...done(move) })
      case "Queue":
        return queue(request, this.#session(move.who), { owner: move.owner, lock: "a", ...seq(move) })
      case "Mint":
        this.#minted++
        return mint(request, `minted ${this.#minted}`, {
          ...options(move),
          mint: { ttlMillis: move.ttl, label: `minted ${this.#minted}` }
        })
      case "Retry": {
        const earlier = back([...this.#acquires.values()], move.nth)
        if (earlier === undefined) return undefined
        const { mint: _, seq: __, ...same } = earlier
        return { ...same, ...acquire(request, earlier.session, { ...same, waitMillis: move.wait, ...seq(move) }) }
      }
      case "Release": {
        const grant = back(this.#grants, move.nth)
        if (grant === undefined) return undefined
        const owner = { none: {}, right: { owner: grant.acquire.owner }, wrong: { owner: "x" } }[move.owner]
        const about = { lock: grant.acquire.lock, ...owner, ...seq(move), ...done(move) }
        return release(request, grant.acquire.session, grant.token, about)
      }
      case "MistakenRelease":
        return release(request, this.#session(move.who), back(this.#grants, move.nth)?.token ?? 1, { lock: move.lock })
      case "Abandon": {
        const earlier = back([...this.#acquires.values()], move.nth)
        return earlier && abandon(request, earlier)
      }
      case "Copy":
        return back(this.#sent, move.nth)
    }
  }

  #request(): string {
    return `r${this.#requests++}`
  }

  #session(who: typeof Who.Type): string {
    return who === "the latest minted" ? `minted ${this.#minted}` : who
  }
}

const present = <A>(a: A | undefined): ReadonlyArray<A> => a === undefined ? [] : [a]

const back = <A>(all: ReadonlyArray<A>, nth: number): A | undefined => all.at(-1 - nth)

const seq = (move: { readonly seq: number }) => Number.isInteger(move.seq) ? { seq: move.seq } : {}
const done = (move: { readonly done: number }) => Number.isInteger(move.done) ? { seqDone: move.done } : {}

const options = (move: { readonly [K in keyof typeof asked]: (typeof asked)[K]["Type"] }) => ({
  lock: move.lock,
  mode: move.mode,
  permits: move.permits,
  waitMillis: move.wait,
  lockDelayMillis: move.delay,
  value: `${move.wait}`,
  ...(Number.isInteger(move.hold) ? { maxHoldMillis: move.hold } : {}),
  ...seq(move)
})
