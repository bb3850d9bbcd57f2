/**
 * What the invariants look at: every node with its disk, and what has ever been committed anywhere.
 */
import type { Action } from "../../raft/Action.ts"
import type { Entry, LogIndex } from "../../raft/Entry.ts"
import type { Membership, NodeId } from "../../raft/Membership.ts"
import * as RaftLog from "../../raft/RaftLog.ts"
import type { RaftMessage } from "../../raft/RaftMessage.ts"
import type { Config, RaftState } from "../../raft/RaftState.ts"
import type { Machine } from "./Machine.ts"
import type { SimNode } from "./SimNode.ts"

export interface World {
  readonly nodes: ReadonlyArray<SimNode>
  /** How many empty disks could found a cluster. */
  readonly foundingQuorum: number
  /** Whether a removal may be under way: then the loss of a disk as well could be one loss too many. */
  readonly isShrinking: () => boolean
  /** The history: entry i + 1 at place i, in the order that some node first knew them committed. */
  readonly committed: Array<Entry>
  /** Those of the history that changed the membership. */
  readonly configs: Array<Config>
  /** The lock table that has applied the whole history. */
  readonly reference: Machine
  /** Real time. */
  readonly now: () => number
}

export interface Turn {
  readonly node: SimNode
  readonly before: RaftState
  readonly after: RaftState
  readonly actions: ReadonlyArray<Action>
}

/** One property of Raft: watches a run, and throws when it is broken. */
export interface Invariant {
  readonly name: string
  /** After every step of any node. */
  readonly turned?: (turn: Turn) => void
  /** When a message leaves its node. */
  readonly sends?: (node: SimNode, to: NodeId, message: RaftMessage) => void
  /** When an entry is first known to be committed, which all are in order. */
  readonly committed?: (entry: Entry, node: SimNode) => void
  /** When a node starts from its disk. */
  readonly restarted?: (node: SimNode) => void
}

/** The entry at an index, though it be compacted away: the history has what is committed. */
export const entryIn = ({ committed }: World, log: RaftLog.RaftLog, index: number): Entry | undefined =>
  index > log.start.index ? RaftLog.entryAt(log, index as LogIndex) : committed[index - 1]

/** Adds to the history. */
export const commit = ({ committed, configs }: World, entry: Entry): void => {
  const { index, payload } = entry
  committed.push(entry)
  if (payload._tag === "Config") configs.push({ index, membership: payload.membership })
}

export const majorityOf = ({ members }: Membership): number =>
  Math.floor(members.filter(({ voter }) => voter).length / 2) + 1

export const broken = (words: string): never => {
  throw new Error(words)
}
