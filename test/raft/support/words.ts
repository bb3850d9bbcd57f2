/**
 * The core's messages and actions in one line each, as the transcripts show them. `4/2` is the entry at
 * index 4 of term 2.
 */
import type { Action } from "../../../src/raft/Action.ts"
import type { Entry } from "../../../src/raft/Entry.ts"
import type { Member } from "../../../src/raft/Membership.ts"
import type { RaftMessage } from "../../../src/raft/RaftMessage.ts"
import { leaderOf, type RaftState } from "../../../src/raft/RaftState.ts"

export const messageInWords = (message: RaftMessage): string => {
  switch (message._tag) {
    case "RequestVote":
      return `RequestVote${kind(message)} term=${message.term} last=${message.lastLogIndex}/${message.lastLogTerm}`
    case "Vote":
      return `Vote${kind(message)} term=${message.term} ${message.granted ? "yes" : "no"}`
    case "AppendEntries": {
      const { entries, leaderCommit, prevLogIndex, prevLogTerm, round, term } = message
      const carried = entries.length === 0 ? "" : ` entries=${entries.map(place).join(",")}`
      return `AppendEntries term=${term} prev=${prevLogIndex}/${prevLogTerm}${carried} ` +
        `commit=${leaderCommit} round=${round}`
    }
    case "Appended":
      return `Appended term=${message.term} match=${message.matchIndex} round=${message.round}`
    case "AppendRejected": {
      const { hintIndex, hintTerm, prevLogIndex, round, term } = message
      return `AppendRejected term=${term} prev=${prevLogIndex} hint=${hintIndex}/${hintTerm} round=${round}`
    }
    case "TimeoutNow":
      return `TimeoutNow term=${message.term}`
    case "InstallSnapshot":
      return `InstallSnapshot term=${message.term} last=${place(message.snapshot)} round=${message.round}`
  }
}

export const actionInWords = (action: Action): string => {
  switch (action._tag) {
    case "PersistHardState":
      return `persist term=${action.hardState.term} vote=${action.hardState.votedFor ?? "none"}`
    case "PersistEntries":
      return `persist ${action.entries.map((entry) => `${place(entry)} ${payload(entry)}`).join(", ")}`
    case "Send":
      return `send ${action.to}: ${messageInWords(action.message)}`
    case "SendAfterSync":
      return `send ${action.to} when synced: ${messageInWords(action.message)}`
    case "SendSnapshot":
      return `send ${action.to} a snapshot: ${messageInWords(action.message)}`
    case "InstallSnapshot":
      return `install the snapshot of ${place(action.snapshot)}, ${action.keepsLog ? "keep" : "drop"} the log`
    case "CompactLog":
      return `compact the log up to ${action.to}`
    case "ArmElectionTimer":
      return `arm ${action.after}`
    case "Commit":
      return `commit ${action.index}`
    case "ConfirmRead":
      return `confirm read ${action.read} at ${action.index}`
  }
}

/** What a step has changed about who leads whom, or nothing. */
export const roleInWords = (before: RaftState, after: RaftState): ReadonlyArray<string> => {
  const [was, is] = [roleOf(before), roleOf(after)]
  return was === is ? [] : [`${is}`]
}

export const roleOf = (state: RaftState): string => {
  const leader = leaderOf(state)
  const follows = state.role._tag === "Follower" && leader !== null ? ` of ${leader}` : ""
  return `${state.role._tag}${follows} in term ${state.term}`
}

const kind = ({ preVote, transfer = false }: { readonly preVote: boolean; readonly transfer?: boolean }): string =>
  preVote ? " (pre)" : transfer ? " (transfer)" : ""

const place = ({ index, term }: Pick<Entry, "index" | "term">): string => `${index}/${term}`

const payload = ({ payload }: Entry): string => {
  switch (payload._tag) {
    case "Noop":
      return "Noop"
    case "Config":
      return `Config[${payload.membership.members.map(nameOf).join(" ")}]`
    case "Command":
      return commandInWords(payload.bytes)
  }
}

const commandInWords = (bytes: Uint8Array): string => {
  const text = new TextDecoder().decode(bytes)
  return /^[ -~]+$/.test(text) ? `"${text}"` : "Command"
}

const nameOf = ({ nodeId, storeId, voter }: Member): string => `${nodeId}=${storeId ?? "?"}${voter ? "" : "/learner"}`
