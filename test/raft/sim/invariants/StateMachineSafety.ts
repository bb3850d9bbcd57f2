/**
 * State machine safety (§5.4.3, figure 3): if a server has applied a log entry at a given index, no other
 * server will ever apply a different one there. And what a leader commits is on the disks of a majority.
 */
import type { Entry } from "../../../../src/raft/Entry.ts"
import { isOnDisk } from "../Disk.ts"
import { broken, entryIn, type Invariant, type Turn, type World } from "../World.ts"

export const make = (world: World): Invariant => ({
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
      world.committed.push(entry)
      onDisks(world, turn, entry)
    }
  }
})

/** A disk that was lost since may have been one of the majority. */
const onDisks = ({ nodes, quorum }: World, { after, node }: Turn, entry: Entry): void => {
  const voters = after.configs.at(-1)?.membership.members.filter(({ voter }) => voter) ?? []
  const holders = nodes.filter(({ disk, id, wipes }) =>
    voters.some(({ nodeId }) => nodeId === id) && (wipes > 0 || isOnDisk(disk, entry))
  )
  if (holders.length < quorum) broken(`${node.id} commits ${entry.index}, which only ${holders.length} disks have`)
}
