/**
 * Where a request goes: into this node's own log, to the leader over its link, or nowhere yet.
 */
import { isLeading, leaderOf, type RaftState } from "../raft/RaftState.ts"
import * as Codec from "./Codec.ts"
import type { Leadership, Pending } from "./Requests.ts"
import { post, type Shell } from "./Shell.ts"

/** The leader this node can reach; itself counts. */
const reachable = (shell: Shell, state: RaftState): Leadership | null => {
  const leader = leaderOf(state)
  if (leader === null || (leader !== state.self && !shell.linked.has(leader))) return null
  return { leader, term: state.term }
}

/** Sends requests on their way and returns those that are this node's own to do. */
export const route = (
  shell: Shell,
  state: RaftState,
  requests: ReadonlySet<Pending>
): ReadonlyArray<Pending> => {
  const to = reachable(shell, state)
  for (const pending of requests) {
    if (isLeading(state)) mark(pending, { leader: state.self, term: state.term }, shell.now())
    // One hop: what a peer passed on is never passed on again, so no request can go in circles.
    else if (pending.origin !== null) refuse(shell, pending, pending.origin)
    else if (to) pass(shell, pending, to)
  }
  return isLeading(state) ? [...requests] : []
}

/**
 * What must go out once more: what is unanswered when there is a new leader or a new link to it, and
 * now and then what a leader has left unanswered for long, because a full buffer drops messages.
 */
export const toSendAgain = (
  shell: Shell,
  before: RaftState,
  after: RaftState,
  isResendDue: boolean
): ReadonlyArray<Pending> => {
  const isNews = before.term !== after.term || leaderOf(before) !== leaderOf(after)
  const to = isNews || isResendDue ? reachable(shell, after) : null
  if (to === null) return []
  // What went into this node's own log is in it for as long as it leads.
  const resendBefore = to.leader === after.self ? -Infinity : shell.now() - resendMillis
  return shell.requests.unsent(to, resendBefore, shell.lastAppliedTerm === to.term)
}

const resendMillis = 1_000

const mark = (pending: Pending, to: Leadership, nowMillis: number): void => {
  pending.sentTo = to
  pending.sentAtMillis = nowMillis
  pending.copies += 1
}

const pass = (shell: Shell, pending: Pending, to: Leadership): void => {
  const { ask, request } = pending
  mark(pending, to, shell.now())
  post(
    shell,
    to.leader,
    "command" in ask
      ? { _tag: "Propose", request, command: Codec.command.encode(ask.command) }
      : { _tag: "Query", request, query: Codec.query.encode(ask.query) }
  )
}

const refuse = (shell: Shell, pending: Pending, origin: NonNullable<Pending["origin"]>): void => {
  shell.requests.forget(pending.request)
  post(shell, origin, { _tag: "Refuse", request: pending.request, reason: "not-leader" })
}
