/**
 * Which disks may be lost. Raft promises nothing to a cluster that loses the disks of a majority, and
 * neither do we; these are the losses that it must survive.
 */
import type { Membership, NodeId } from "../../raft/Membership.ts"
import type { SimNode } from "./SimNode.ts"
import { majorityOf, type World } from "./World.ts"

/**
 * A disk that has promised nothing yet may always go. Another one may if, in every membership that may count, enough
 * recorded stores remain to elect and commit, and if the empty ones are too few to found a second cluster.
 */
export const mayWipe = (world: World, node: SimNode): boolean =>
  !world.isShrinking() && mayLose(world, node) && mayFound(world, node)

/** The same for a node that comes back without members to begin with, and founds nothing. */
export const mayLose = (world: World, node: SimNode): boolean => {
  const others = world.nodes.filter((other) => other !== node)
  const memberships = inForce(world)
  const isKept = (membership: Membership): boolean =>
    keepsMajority(membership, others) &&
    // A leader that stands still may promote a learner by what it heard before. Who is none is promoted by nobody.
    (!hasIn(membership, node) || keepsMajority(withAllVoting(membership), others))
  // A store that a membership names counts from then on, though it has promised nothing yet.
  const counts = hasPromised(node) || memberships.some((membership) => hasIn(membership, node))
  return !counts || (memberships.length > 0 && memberships.every(isKept))
}

const hasIn = ({ members }: Membership, { disk, id }: SimNode): boolean =>
  members.some(({ nodeId, storeId }) => nodeId === id && storeId === disk.storeId)

const withAllVoting = (membership: Membership): Membership => ({
  ...membership,
  members: membership.members.map((member) => ({ ...member, voter: true }))
})

const mayFound = ({ foundingQuorum, nodes }: World, node: SimNode): boolean => {
  const founders = nodes.filter((other) => other !== node && other.members.length > 0 && other.disk.log.lastIndex === 0)
  return !hasPromised(node) || founders.length + 1 < foundingQuorum
}

const hasPromised = ({ disk }: SimNode): boolean => disk.log.lastIndex > 0 || disk.hardState.term > 0

/** Whether all stores but one that a membership in force names are where it says. */
export const isWhole = (world: World, but: NodeId): boolean =>
  inForce(world).every(({ members }) =>
    members.every(({ nodeId, storeId }) =>
      storeId === null || nodeId === but ||
      world.nodes.some(({ disk, id }) => id === nodeId && disk.storeId === storeId)
    )
  )

/** The latest that is committed, and every later one that any node has. */
const inForce = ({ configs, nodes }: World): ReadonlyArray<Membership> => {
  const latest = configs.at(-1)
  const later = nodes.flatMap(({ disk, state }) => [
    ...(state?.configs ?? []).filter(({ index }) => index > (latest?.index ?? 0)).map(({ membership }) => membership),
    ...disk.log.buffer.flatMap(({ index, payload }) =>
      index > (latest?.index ?? 0) && payload._tag === "Config" ? [payload.membership] : []
    )
  ])
  return latest ? [latest.membership, ...later] : later
}

const keepsMajority = (membership: Membership, nodes: ReadonlyArray<SimNode>): boolean =>
  membership.members.filter(({ nodeId, storeId, voter }) =>
    voter && nodes.some(({ disk, id }) => id === nodeId && disk.storeId === storeId)
  ).length >= majorityOf(membership)
