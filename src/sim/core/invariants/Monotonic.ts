/**
 * Terms and commit indexes never fall (figure 2), and a node that restarts is in no older term than any
 * it has spoken in (§5.2: the term is persistent).
 */
import { broken, type Invariant } from "../World.ts"

export const make = (): Invariant => {
  const spoken = new Map<string, number>()
  return {
    name: "monotonic terms and commits",
    turned: ({ after, before, node }) => {
      if (after.term < before.term) broken(`${node.id} goes back from term ${before.term} to ${after.term}`)
      if (after.commitIndex < before.commitIndex) broken(`${node.id} takes back its commit of ${before.commitIndex}`)
      if (after.commitIndex > after.log.lastIndex) broken(`${node.id} commits ${after.commitIndex}, which it lacks`)
    },
    // The answer to a pre-vote promises nothing and may tell of a term that is not on disk yet.
    sends: ({ disk }, _, message) => {
      if (message._tag === "RequestVote" || message._tag === "Vote" ? message.preVote : false) return
      spoken.set(disk.storeId, Math.max(spoken.get(disk.storeId) ?? 0, message.term))
    },
    restarted: ({ disk, id }) => {
      const highest = spoken.get(disk.storeId) ?? 0
      if (disk.hardState.term < highest) {
        broken(`${id} restarts in term ${disk.hardState.term} and has spoken in ${highest}`)
      }
    }
  }
}
