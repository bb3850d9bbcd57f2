/**
 * A log as naive as can be, and random writes to it that keep Raft's rules.
 *
 * A wish says what a write should be like in terms of the log it meets, so that every list of wishes makes sense.
 */
import { Arbitrary, Schema } from "effect"
import type { LogWrite, Recovered } from "../../../src/node/LogStore.ts"
import { type Entry, LogIndex } from "../../../src/raft/Entry.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { commandOf, entryAt, hardStateOf, placeOf, type Stamp } from "./Entries.ts"

export type Model = Pick<Recovered, "hardState" | "start" | "entries">

export const emptyModel: Model = {
  hardState: hardStateOf(0, null),
  start: placeOf(entryAt(0, { term: 0 })),
  entries: []
}

export const modelOf = ({ entries, hardState, start }: Recovered): Model => ({ hardState, start, entries })

export const nextModel = (model: Model, { compactTo, entries, hardState, reset }: LogWrite): Model => {
  const kept = reset ? [] : model.entries.filter(({ index }) => index < (entries[0]?.index ?? Infinity))
  const all = [...kept, ...entries]
  const last = all.find(({ index }) => index === compactTo)
  const start = last === undefined ? reset ?? model.start : placeOf(last)
  return { hardState: hardState ?? model.hardState, start, entries: all.filter(({ index }) => index > start.index) }
}

const upTo = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

const Wish = Schema.Struct({
  /** How far the node's term rises. */
  rise: upTo(2),
  /** Who gets the vote, if it can still be given. */
  vote: Schema.NullOr(Schema.Literals(["n1", "n2"])),
  /** How many entries are taken back, and how many come. */
  cut: upTo(3),
  sizes: Schema.Array(upTo(200)).check(Schema.isMaxLength(6)),
  wait: upTo(5),
  /** How far a snapshot that takes the place of the log is from its end; null when there is none. */
  skip: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: -4, maximum: 300 }))),
  /** How many entries stay when the log is compacted; null when it is not. */
  retain: Schema.NullOr(upTo(9))
})

export type Script = ReadonlyArray<typeof Wish.Type>

export const AnyScript = Arbitrary.array(Arbitrary.schema(Wish), { minLength: 0, maxLength: 12 })

export const writeOf = (model: Model, wish: typeof Wish.Type): LogWrite => {
  const { hardState } = model
  const term = hardState.term + wish.rise
  const canVote = wish.rise > 0 || hardState.votedFor === null
  const vote = wish.vote === null ? null : NodeId.make(wish.vote)
  const isNew = wish.rise > 0 || (canVote && vote !== null)
  const last = model.entries.at(-1) ?? model.start
  const reset = wish.skip === null ? null : resetTo(model, last.index + wish.skip, { term, time: last.time })
  const kept = reset ?? model.entries.at(-1 - wish.cut) ?? model.start
  const added = wish.sizes.map((size, offset): Entry =>
    commandOf(kept.index + 1 + offset, new Uint8Array(size).fill(offset), { term, time: kept.time + wish.wait })
  )
  const end = added.at(-1) ?? reset ?? last
  return {
    hardState: isNew ? hardStateOf(term, canVote ? vote : hardState.votedFor) : null,
    reset,
    entries: added,
    compactTo: wish.retain === null ? null : LogIndex.make(Math.max(0, end.index - wish.retain))
  }
}

const resetTo = ({ start }: Model, index: number, stamp: Stamp) => placeOf(entryAt(Math.max(start.index, index), stamp))
