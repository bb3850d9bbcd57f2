/**
 * Leader append-only (§5.3, figure 3): a leader never overwrites or deletes entries in its log.
 */
import { broken, entryIn, type Invariant, type World } from "../World.ts"

export const make = (world: World): Invariant => ({
  name: "leader append-only",
  turned: ({ after, before, node }) => {
    if (before.role._tag !== "Leader" || after.role._tag !== "Leader" || before.term !== after.term) return
    const { lastIndex } = before.log
    if (entryIn(world, after.log, lastIndex) !== entryIn(world, before.log, lastIndex)) {
      broken(`${node.id} leads term ${after.term} and has replaced its entry ${lastIndex}`)
    }
  }
})
