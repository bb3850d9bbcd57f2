/**
 * A log as naive as can be, and random writes to it that keep Raft's rules.
 *
 * A wish says what a write should be like in terms of the log it meets, so that every list of wishes makes sense.
 */
import { Arbitrary, Schema } from "effect"
import type { LogWrite, Recovered } from "../../../src/node/LogStore.ts"
import type { Entry } from "../../../src/raft/Entry.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { commandOf, hardStateOf } from "./Entries.ts"

export type Model = Pick<Recovered, "hardState" | "entries">

export const emptyModel: Model = { hardState: hardStateOf(0, null), entries: [] }

export const modelOf = ({ entries, hardState }: Recovered): Model => ({ hardState, entries })

export const nextModel = (model: Model, { entries, hardState }: LogWrite): Model => {
  const first = entries[0]
  const kept = first === undefined ? model.entries : model.entries.filter(({ index }) => index < first.index)
  return { hardState: hardState ?? model.hardState, entries: [...kept, ...entries] }
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
  wait: upTo(5)
})

export type Script = ReadonlyArray<typeof Wish.Type>

export const AnyScript = Arbitrary.array(Arbitrary.schema(Wish), { minLength: 0, maxLength: 12 })

export const writeOf = ({ entries, hardState }: Model, wish: typeof Wish.Type): LogWrite => {
  const term = hardState.term + wish.rise
  const canVote = wish.rise > 0 || hardState.votedFor === null
  const vote = wish.vote === null ? null : NodeId.make(wish.vote)
  const kept = entries.slice(0, Math.max(0, entries.length - wish.cut))
  const time = (kept.at(-1)?.time ?? 0) + wish.wait
  const added = wish.sizes.map((size, offset): Entry =>
    commandOf(kept.length + 1 + offset, new Uint8Array(size).fill(offset), { term, time })
  )
  const isNew = wish.rise > 0 || (canVote && vote !== null)
  return { hardState: isNew ? hardStateOf(term, canVote ? vote : hardState.votedFor) : null, entries: added }
}
