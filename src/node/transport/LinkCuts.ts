/**
 * Links that somebody has cut on purpose, to see what becomes of the cluster. It exists for `holdfast dev` alone: a
 * node that is started in any other way is given `none`, which can cut nothing.
 */
import { Context } from "effect"
import type { NodeId } from "../../raft/Membership.ts"

export interface LinkCuts {
  /** Peers that this node neither speaks nor listens to. */
  readonly now: () => ReadonlySet<string>
  readonly set: (peer: NodeId, isCut: boolean) => void
  /** Calls whenever a link is cut or healed. */
  readonly onChange: (listener: () => void) => void
}

const nobody: ReadonlySet<string> = new Set()

const none: LinkCuts = { now: () => nobody, set: () => {}, onChange: () => {} }

export const LinkCuts = Context.Reference<LinkCuts>("node/LinkCuts", { defaultValue: () => none })

export const makeLinkCuts = (): LinkCuts => {
  const cuts = new Set<string>()
  const listeners: Array<() => void> = []
  return {
    now: () => cuts,
    set: (peer, isCut) => {
      if (isCut) cuts.add(peer)
      else cuts.delete(peer)
      for (const listener of listeners) listener()
    },
    onChange: (listener) => void listeners.push(listener)
  }
}
