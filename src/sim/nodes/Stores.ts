/**
 * Which disks of whole nodes may be lost, and which members may go. Raft promises nothing to a cluster that loses the
 * disks of a majority, and neither do we; these are the losses that it must survive.
 */
import type { Entry } from "../../raft/Entry.ts"
import type { Membership, NodeId } from "../../raft/Membership.ts"
import { majorityOf } from "../core/World.ts"
import type { NodeHost } from "./NodeHost.ts"
import type { Oracle } from "./Oracle.ts"

export class Stores {
  readonly #hosts: () => ReadonlyArray<NodeHost>
  readonly #oracle: Oracle

  constructor(hosts: () => ReadonlyArray<NodeHost>, oracle: Oracle) {
    this.#hosts = hosts
    this.#oracle = oracle
  }

  /**
   * In every membership that may count, enough recorded stores remain to elect and commit. Before a cluster is founded
   * no disk may go: its empty successor could not tell.
   */
  mayLose(host: NodeHost): boolean {
    const others = this.#hosts().filter((other) => other !== host && !other.disk.isDamaged)
    const memberships = this.#inForce()
    return memberships.length > 0 &&
      memberships.every((membership) =>
        membership.members.filter(({ nodeId, storeId, voter }) =>
          voter && others.some(({ disk, id }) => id === nodeId && disk.storeId === storeId)
        ).length >= majorityOf(membership)
      )
  }

  /** All stores but one that a membership in force names are where it says: that one may be removed. */
  isWhole(but: NodeId): boolean {
    const memberships = this.#inForce()
    return memberships.length > 0 &&
      memberships.every(({ members }) =>
        members.every(({ nodeId, storeId }) =>
          storeId === null || nodeId === but ||
          this.#hosts().some(({ disk, id }) => id === nodeId && disk.storeId === storeId && !disk.isDamaged)
        )
      )
  }

  /**
   * What it founded never came to be, and the cluster that did has gone on without it: nobody there knows its store,
   * and nobody can tell it from a stranger.
   */
  isForgotten({ disk, id }: NodeHost): boolean {
    const [latest] = this.#oracle.latestConfig === undefined ? [] : membershipOf(this.#oracle.latestConfig)
    const own = disk.entries.flatMap(membershipOf).at(-1)
    return latest !== undefined && own !== undefined && own.clusterId !== latest.clusterId &&
      !latest.members.some(({ nodeId }) => nodeId === id)
  }

  /** The latest that is committed, and every later one that any disk has. */
  #inForce(): ReadonlyArray<Membership> {
    const latest = this.#oracle.latestConfig
    if (latest === undefined) return []
    const later = this.#hosts().flatMap(({ disk }) =>
      disk.entries.filter(({ index }) => index > latest.index).flatMap(membershipOf)
    )
    return [...membershipOf(latest), ...later]
  }
}

const membershipOf = ({ payload }: Entry): ReadonlyArray<Membership> =>
  payload._tag === "Config" ? [payload.membership] : []
