/**
 * Where a request goes: into this node's own log, to the leader over its link, or nowhere yet.
 */
import * as Leadership from "../../raft/Leadership.ts"
import type { NodeId } from "../../raft/Membership.ts"
import { isLeading, leaderOf, type Leading, type RaftState } from "../../raft/RaftState.ts"
import * as Transfer from "../../raft/Transfer.ts"
import * as Codec from "../codec/Codec.ts"
import { post, type Shell } from "../Shell.ts"
import type { Leadership as Leads, Pending } from "./Requests.ts"

/** The leader this node can reach; itself counts. */
const reachable = (shell: Shell, state: RaftState): Leads | null => {
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
  if (isLeading(state)) return [...requests].filter((pending) => isTaken(shell, state, pending))
  const to = reachable(shell, state)
  for (const pending of requests) {
    // One hop: what a peer passed on is never passed on again, so no request can go in circles.
    if (pending.origin !== null) refuse(shell, pending, pending.origin, "not-leader")
    else if (to) pass(shell, pending, to)
  }
  return []
}

/** A leader does it itself, unless it hands over, and then the next one does (dissertation §3.10), or has no room. */
const isTaken = (shell: Shell, state: Leading, pending: Pending): boolean => {
  if (pending.origin !== null) return isTakenFor(shell, state, pending, pending.origin)
  const isHeld = "command" in pending.ask && Transfer.isRunning(state)
  if (isHeld) return false
  mark(pending, { leader: state.self, term: state.term }, shell.now())
  if (hasRoomFor(state, pending)) return true
  shell.requests.refused(pending.request, "overloaded")
  return false
}

/** The same for a peer, whose copies may come late: after a later leadership began, or after the first was done. */
const isTakenFor = (shell: Shell, state: Leading, pending: Pending, origin: NodeId): boolean => {
  const { ask, meantFor = state.term, request } = pending
  const isCommand = "command" in ask
  if (isCommand && (meantFor !== state.term || Transfer.isRunning(state))) refuse(shell, pending, origin, "not-leader")
  else if (!hasRoomFor(state, pending)) refuse(shell, pending, origin, "overloaded")
  else if (isCommand && !shell.copies.isFirst(request)) shell.requests.forget(request)
  else {
    mark(pending, { leader: state.self, term: state.term }, shell.now())
    return true
  }
  return false
}

const hasRoomFor = (state: Leading, { ask }: Pending): boolean => "query" in ask || Leadership.hasRoom(state)

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
  const isNews = before.term !== after.term || leaderOf(before) !== leaderOf(after) ||
    Transfer.isRunning(before) !== Transfer.isRunning(after)
  const to = isNews || isResendDue ? reachable(shell, after) : null
  if (to === null) return []
  // What went into this node's own log is in it for as long as it leads.
  const resendBefore = to.leader === after.self ? -Infinity : shell.now() - resendMillis
  return shell.requests.unsent(to, resendBefore, shell.lastAppliedTerm === to.term)
}

const resendMillis = 1_000

const mark = (pending: Pending, to: Leads, nowMillis: number): void => {
  pending.sentTo = to
  pending.sentAtMillis = nowMillis
  pending.copies += 1
}

const pass = (shell: Shell, pending: Pending, to: Leads): void => {
  const { ask, request, trace } = pending
  mark(pending, to, shell.now())
  if ("query" in ask) return post(shell, to.leader, { _tag: "Query", request, query: Codec.query.encode(ask.query) })
  const traceparent = trace === undefined ? undefined : shell.traces?.forwarded(trace, to.leader)
  post(shell, to.leader, {
    _tag: "Propose",
    request,
    command: Codec.command.encode(ask.command),
    term: to.term,
    ...(traceparent === undefined ? undefined : { traceparent })
  })
}

const refuse = (
  shell: Shell,
  { request }: Pending,
  origin: NodeId,
  reason: "not-leader" | "overloaded"
): void => {
  shell.requests.forget(request)
  post(shell, origin, { _tag: "Refuse", request, reason })
}
