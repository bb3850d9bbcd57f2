/**
 * Whatever promises durability is on disk when it leaves (figure 2; dissertation §10.2.1): the vote, the
 * candidate's own vote, a leader's term, and the entries of an acknowledgement. And one store votes once
 * in a term.
 */
import type { NodeId } from "../../../raft/Membership.ts"
import type * as RaftLog from "../../../raft/RaftLog.ts"
import type { RaftMessage } from "../../../raft/RaftMessage.ts"
import { isOnDisk } from "../Disk.ts"
import type { SimNode } from "../SimNode.ts"
import { broken, entryIn, type Invariant, type World } from "../World.ts"

export const make = (world: World): Invariant => {
  const votes = new Map<string, NodeId>()
  /** The log of each term's leader; it only grows. */
  const logs = new Map<number, RaftLog.RaftLog>()

  const voted = ({ disk, id }: SimNode, term: number, candidate: NodeId): void => {
    const { hardState, storeId } = disk
    if (hardState.term < term || (hardState.term === term && hardState.votedFor !== candidate)) {
      broken(`${id} votes for ${candidate} in term ${term}; its disk says ${JSON.stringify(hardState)}`)
    }
    const key = `${storeId} ${term}`
    const first = votes.get(key) ?? candidate
    if (first !== candidate) broken(`${id} votes for ${first} and for ${candidate} in term ${term}`)
    votes.set(key, candidate)
  }

  const acknowledged = ({ disk, id }: SimNode, { matchIndex, term }: Extract<RaftMessage, { _tag: "Appended" }>) => {
    const leaderLog = logs.get(term)
    // A leader that appended and stepped down in one batch is not known to have had the entry.
    const entry = leaderLog && entryIn(world, leaderLog, matchIndex)
    if (entry && !isOnDisk(disk, entry)) {
      broken(`${id} acknowledges entry ${matchIndex} of term ${term}'s leader, and its disk lacks it`)
    }
  }

  return {
    name: "durability",
    turned: ({ after }) => {
      if (after.role._tag === "Leader") logs.set(after.term, after.log)
    },
    sends: (node, to, message) => {
      if (message._tag === "Vote" && message.granted && !message.preVote) voted(node, message.term, to)
      if (message._tag === "RequestVote" && !message.preVote) voted(node, message.term, node.id)
      if (message._tag === "AppendEntries" && node.disk.hardState.term < message.term) {
        broken(`${node.id} speaks as leader of term ${message.term}, which is not on its disk`)
      }
      if (message._tag === "InstallSnapshot" && (node.disk.stored?.snapshot.index ?? 0) < message.snapshot.index) {
        broken(`${node.id} sends a snapshot of ${message.snapshot.index}, which is not on its disk`)
      }
      if (message._tag === "Appended") acknowledged(node, message)
    }
  }
}
