/**
 * Leader completeness (§5.4.3, figure 3): if a log entry is committed in a given term, then that entry
 * will be present in the logs of the leaders for all higher-numbered terms.
 */
import type { RaftState } from "../../../raft/RaftState.ts"
import { broken, entryIn, type Invariant, type World } from "../World.ts"

export const make = (world: World): Invariant => {
  /** In which term each entry of the history was committed; it never falls along the history. */
  const terms: Array<number> = []
  /** The log that each term's leader was elected with. */
  const elected = new Map<number, RaftState>()

  const holds = (leader: RaftState, index: number): boolean =>
    entryIn(world, leader.log, index) === world.committed[index - 1]

  return {
    name: "leader completeness",
    turned: ({ after, before, node }) => {
      while (terms.length < world.committed.length) terms.push(after.term)
      if (after.commitIndex > before.commitIndex) {
        for (const [term, leader] of elected) {
          if (term > after.term && !holds(leader, after.commitIndex)) {
            broken(`${node.id} commits ${after.commitIndex} in term ${after.term}, which the leader of ${term} lacks`)
          }
        }
      }
      if (after.role._tag !== "Leader" || elected.has(after.term)) return
      elected.set(after.term, after)
      const last = terms.findLastIndex((term) => term < after.term) + 1
      if (last > 0 && !holds(after, last)) broken(`${node.id} leads term ${after.term} without committed entry ${last}`)
    }
  }
}
