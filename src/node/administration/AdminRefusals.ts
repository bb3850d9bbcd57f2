/**
 * Why a leader does not do what it is asked, or that it is done already.
 */
import * as Changes from "../../raft/Changes.ts"
import { isLeading, membersOf, type RaftState } from "../../raft/RaftState.ts"
import * as Transfer from "../../raft/Transfer.ts"
import type { AdminAsk, AdminRefusal } from "./AdminAsk.ts"

/** Null when it can be begun. */
export const refusal = (state: RaftState, ask: AdminAsk): AdminRefusal | "done" | null => {
  if (!isLeading(state)) throw new Error("only a leader is asked")
  const verdict = ask._tag === "Transfer" ? transferRefusal(state, ask.to) : changeRefusal(state, ask.change)
  if (verdict === "not-leader") throw new Error("a leader that does not lead")
  return verdict
}

const transferRefusal = (state: RaftState, to: AdminTarget) => to === state.self ? "done" : Transfer.refusal(state, to)

type AdminTarget = Extract<AdminAsk, { _tag: "Transfer" }>["to"]

const changeRefusal = (state: RaftState, change: Changes.Change) => {
  if (change._tag === "Remove") return Changes.refusal(state, change)
  const members = membersOf(state)
  const namesake = members.find(({ nodeId }) => nodeId === change.nodeId)
  if (namesake?.raft === change.raft) return "done"
  if (!namesake && members.some(({ raft }) => raft === change.raft)) return "address-in-use"
  return Changes.refusal(state, change)
}
