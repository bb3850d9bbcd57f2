/**
 * A node's own view of itself and its cluster: cheap, local, and true of this node alone.
 */
import { LogIndex, type Term } from "../raft/Entry.ts"
import type { NodeId } from "../raft/Membership.ts"
import { isLeading, leaderOf, memberOf, membersOf, type RaftState } from "../raft/RaftState.ts"
import { ownAddresses } from "./config/OwnAddresses.ts"
import type { Shell } from "./Shell.ts"

export interface MemberStatus {
  readonly nodeId: NodeId
  readonly raft: string
  /** Known once the member has connected. */
  readonly http: string | null
  readonly rpc: string | null
  readonly voter: boolean
}

export interface NodeStatus {
  readonly nodeId: NodeId
  readonly role: "Leader" | "Follower" | "Candidate" | "PreCandidate" | "Learner"
  readonly term: Term
  readonly leaderId: NodeId | null
  readonly commitIndex: LogIndex
  readonly lastApplied: LogIndex
  readonly lastLogIndex: LogIndex
  /** Where its latest snapshot ends; 0 when it has none. */
  readonly snapshotIndex: LogIndex
  readonly members: ReadonlyArray<MemberStatus>
  readonly upMillis: number
  /** Whether it has applied what its leader has committed, or it leads and has applied what it has committed itself. */
  readonly isCaughtUp: boolean
  /** Why the node takes no writes; null while it does. */
  readonly stalled: string | null
}

export const statusOf = (shell: Shell): NodeStatus => {
  const { state } = shell
  return {
    nodeId: state.self,
    role: roleOf(state),
    term: state.term,
    leaderId: leaderOf(state),
    commitIndex: state.commitIndex,
    lastApplied: shell.lastApplied,
    lastLogIndex: state.log.lastIndex,
    snapshotIndex: state.snapshot?.index ?? LogIndex.make(0),
    members: membersOf(state).map(({ nodeId, raft, voter }) => ({
      nodeId,
      raft,
      voter,
      ...addressesOf(shell, nodeId)
    })),
    upMillis: Math.floor(shell.now() - shell.startedAtMillis),
    isCaughtUp: isLeading(state)
      ? shell.lastApplied >= state.commitIndex
      : shell.caughtUp.isSo(state.term, shell.now()),
    stalled: shell.stalled
  }
}

const roleOf = (state: RaftState): NodeStatus["role"] => {
  const isVoter = memberOf(state, state.self)?.voter ?? false
  return state.role._tag === "Follower" && !isVoter ? "Learner" : state.role._tag
}

const addressesOf = ({ config, hellos, state }: Shell, id: NodeId): Pick<MemberStatus, "http" | "rpc"> =>
  id === state.self
    ? ownAddresses(config)
    : { http: hellos.get(id)?.http ?? null, rpc: hellos.get(id)?.rpc ?? null }
