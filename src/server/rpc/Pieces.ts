/**
 * Cuts a long list of outcomes into batches that fit into a frame each. A refusal may list many holders with long
 * values, and all the others are small.
 */
import type { Outcome } from "../../api/rpc/Conversation.ts"

/** In outcomes of the ordinary size, a few dozen bytes: half a megabyte at the most, and one that lists holders. */
const weightMax = 4_096

/** A holder has a label, an owner and a value, together far below this many ordinary outcomes. */
const holderWeight = 64

/** None for none. */
export const piecesOf = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<ReadonlyArray<Outcome>> => {
  const pieces: Array<ReadonlyArray<Outcome>> = []
  let from = 0
  let weight = 0
  outcomes.forEach((outcome, at) => {
    weight += weightOf(outcome)
    if (weight <= weightMax || at === from) return
    pieces.push(outcomes.slice(from, at))
    from = at
    weight = weightOf(outcome)
  })
  if (from === 0) return outcomes.length === 0 ? [] : [outcomes]
  pieces.push(outcomes.slice(from))
  return pieces
}

const weightOf = (outcome: Outcome): number => {
  if (outcome._tag === "Seen") return 1 + outcome.lock.holders.length * holderWeight
  const isRefusal = outcome._tag === "Failed" && outcome.problem._tag === "LockHeld"
  return isRefusal ? 1 + outcome.problem.holders.length * holderWeight : 1
}
