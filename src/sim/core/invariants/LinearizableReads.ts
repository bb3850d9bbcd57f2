/**
 * Linearizable reads (§8; dissertation §6.4): a read that is confirmed covers everything that any node
 * knew to be committed when it was asked.
 */
import { broken, type Invariant, type World } from "../World.ts"

export const make = (world: World): Invariant => {
  /** What each read must cover: all that was committed before the turn that asked. */
  const floors = new Map<number, number>()
  let asked = 0
  return {
    name: "linearizable reads",
    turned: ({ actions, after, node }) => {
      const reads = after.role._tag === "Leader" ? after.role.reads : []
      for (const { read } of reads) if (!floors.has(read)) floors.set(read, asked)
      for (const action of actions) {
        if (action._tag !== "ConfirmRead") continue
        // A read that is confirmed in the very turn that asked was never pending.
        const floor = floors.get(action.read) ?? asked
        if (action.index < floor) broken(`${node.id} confirms a read of ${action.index}; ${floor} was committed before`)
      }
      asked = world.committed.length
    }
  }
}
