/**
 * State machine safety (§5.4.3, figure 3): if a server has applied a log entry at a given index, no other
 * server will ever apply a different one there. And what a leader commits is on the disks of a majority.
 */
import type { Entry } from "../../../raft/Entry.ts"
import type { Membership } from "../../../raft/Membership.ts"
import { isOnDisk } from "../Disk.ts"
import type { SimNode } from "../SimNode.ts"
import { broken, commit, entryIn, type Invariant, majorityOf, type Turn, type World } from "../World.ts"

export const make = (world: World, committed: (entry: Entry, node: SimNode) => void): Invariant => ({
  name: "state machine safety",
  turned: (turn) => {
    const { after, before, node } = turn
    for (let index = before.commitIndex + 1; index <= after.commitIndex; index++) {
      const entry = entryIn(world, after.log, index)
      if (!entry) return broken(`${node.id} commits ${index} beyond its log`)
      const known = world.committed[index - 1]
      if (known && known !== entry) return broken(`${node.id} commits another entry ${index} than was committed`)
      if (known) continue
      if (world.committed.length !== index - 1) return broken(`${node.id} commits ${index} over a gap`)
      commit(world, entry)
      committed(entry, node)
      onDisks(world, turn, entry)
    }
  }
})

/**
 * By the latest membership that the leader had. One that it has appended in this very turn may have been behind the
 * commit or before it. A disk that was lost since may have been one of the majority.
 */
const onDisks = ({ nodes }: World, { after, before, node }: Turn, entry: Entry): void => {
  const isNew = after.configs.at(-1)?.index !== before.configs.at(-1)?.index
  const memberships = after.configs.slice(isNew ? -2 : -1).map(({ membership }) => membership)
  const holdersOf = ({ members }: Membership) =>
    members.filter(({ nodeId, storeId, voter }) => {
      const disk = nodes.find(({ id }) => id === nodeId)?.disk
      return voter && storeId !== null && (disk?.storeId !== storeId || isOnDisk(disk, entry))
    }).length
  // A leader that is deposed in this very turn may have counted by a membership that was undone in it: one voter fewer.
  const isUndone = before.role._tag === "Leader" && after.term > before.term
  const enough = (membership: Membership) => majorityOf(membership) - (isUndone && isEven(membership) ? 1 : 0)
  if (!memberships.some((membership) => holdersOf(membership) >= enough(membership))) {
    broken(`${node.id} commits ${entry.index}, which only ${memberships.map(holdersOf)} disks have`)
  }
}

const isEven = ({ members }: Membership): boolean => members.filter(({ voter }) => voter).length % 2 === 0
