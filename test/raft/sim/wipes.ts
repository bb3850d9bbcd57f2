/**
 * Which disks may be lost. Raft promises nothing to a cluster that loses the disks of a majority, and
 * neither do we; these are the losses that it must survive.
 */
import type { Entry } from "../../../src/raft/Entry.ts"
import type { Membership } from "../../../src/raft/Membership.ts"
import type { SimNode } from "./SimNode.ts"
import type { World } from "./World.ts"

/**
 * A disk that has promised nothing yet may always go. Another one may if enough recorded stores remain to
 * elect and commit, and if the empty ones are too few to found a second cluster.
 */
export const mayWipe = ({ committed, nodes, quorum }: World, node: SimNode): boolean => {
  if (node.disk.log.lastIndex === 0 && node.disk.hardState.term === 0) return true
  const membership = latestMembership(committed)
  const others = nodes.filter((other) => other !== node)
  const counting = others.filter(({ disk, id }) =>
    membership?.members.some(({ nodeId, storeId, voter }) => voter && nodeId === id && storeId === disk.storeId)
  )
  const empty = others.filter(({ disk }) => disk.log.lastIndex === 0)
  return counting.length >= quorum && empty.length + 1 < quorum
}

const latestMembership = (entries: ReadonlyArray<Entry>): Membership | undefined => {
  const latest = entries.findLast(({ payload }) => payload._tag === "Config")?.payload
  return latest?._tag === "Config" ? latest.membership : undefined
}
