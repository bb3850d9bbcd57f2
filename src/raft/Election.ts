/**
 * Elections: pre-vote, vote, and when to ask for one (§5.2, §5.4.1; dissertation §4.2.3, §9.6).
 *
 * A vote is on disk before anyone hears of it, is given once in a term, and never to a log that is
 * older than the voter's own.
 */
import { Action } from "./Action.ts"
import { Term } from "./Entry.ts"
import * as Leadership from "./Leadership.ts"
import type { NodeId, StoreId } from "./Membership.ts"
import { counts } from "./Quorum.ts"
import * as RaftLog from "./RaftLog.ts"
import { RaftMessage } from "./RaftMessage.ts"
import { hardStateOf, memberOf, membersOf, quorumOf, type RaftState, type Votes } from "./RaftState.ts"
import { andThen, nothing, type Step } from "./Step.ts"
import { adoptTerm, arm } from "./TermRule.ts"

type RequestVote = Extract<RaftMessage, { _tag: "RequestVote" }>
type TimeoutNow = Extract<RaftMessage, { _tag: "TimeoutNow" }>
type Vote = Extract<RaftMessage, { _tag: "Vote" }>

/** From now on, votes against the leader are granted: it has been silent for the shortest timeout. */
export const leaderSilent = (state: RaftState): Step =>
  nothing(state.role._tag === "Follower" ? { ...state, role: { ...state.role, leaderHeard: false } } : state)

/** The election timeout has passed: ask whether an election could be won, without raising the term. */
export const timedOut = (state: RaftState): Step => {
  if (state.role._tag === "Leader") return nothing(state)
  return andThen(arm(state, "timeout"), (s) => mayCampaign(s) ? preCampaign(s) : nothing(s))
}

const preCampaign = (state: RaftState): Step =>
  andThen(
    [{ ...state, role: { _tag: "PreCandidate", votes: ownVote(state) } }, requestVotes(state, "pre-vote")],
    decide
  )

/** The leader hands over: campaign at once. To ask first would be in vain: all hear the leader (dissertation §3.10). */
export const onTimeoutNow = (state: RaftState, { term }: TimeoutNow): Step =>
  andThen(
    adoptTerm(state, term),
    (s) => term === s.term && s.role._tag === "Follower" && mayCampaign(s) ? campaign(s, "transfer") : nothing(s)
  )

/** Why votes are asked for: to learn whether they would be given, or because the leader hands over. */
type Occasion = "pre-vote" | "timeout" | "transfer"

const campaign = (state: RaftState, occasion: Occasion): Step => {
  const next: RaftState = {
    ...state,
    term: Term.make(state.term + 1),
    votedFor: state.self,
    role: { _tag: "Candidate", votes: ownVote(state), refusals: new Set() }
  }
  const persist = Action.PersistHardState({ hardState: hardStateOf(next) })
  return andThen(andThen([next, [persist, ...requestVotes(next, occasion)]], (s) => arm(s, "timeout")), decide)
}

/** Whoever stands for election without being a voter needs a majority of the others (dissertation §4.2.2). */
const ownVote = (state: RaftState): Votes =>
  new Map(countsVote(state, state.self, state.storeId) ? [[state.self, state.storeId]] : [])

/** A majority of votes ends either round: a pre-candidate goes on to campaign, a candidate leads. */
const decide = (state: RaftState): Step => {
  const { role } = state
  if ((role._tag !== "PreCandidate" && role._tag !== "Candidate") || role.votes.size < quorumOf(state)) {
    return nothing(state)
  }
  return role._tag === "PreCandidate" ? campaign(state, "timeout") : Leadership.begin(state, role.votes)
}

const requestVotes = (state: RaftState, occasion: Occasion): ReadonlyArray<Action> => {
  const preVote = occasion === "pre-vote"
  const message = RaftMessage.cases.RequestVote.make({
    term: preVote ? Term.make(state.term + 1) : state.term,
    preVote,
    transfer: occasion === "transfer",
    lastLogIndex: state.log.lastIndex,
    lastLogTerm: RaftLog.lastTerm(state.log)
  })
  const voters = membersOf(state).filter(({ nodeId, voter }) => voter && nodeId !== state.self)
  return voters.map(({ nodeId: to }) =>
    // A candidate's own vote must be on disk before anyone hears of its term; a pre-vote promises nothing.
    preVote ? Action.Send({ to, message }) : Action.SendAfterSync({ to, message })
  )
}

/**
 * Whether this node may stand for election: as a voter whose store the log knows, also if it is to be one only
 * until the latest membership, which leaves it out, is committed (dissertation §4.2.2). On an empty log
 * only as a configured voter, and only while no reachable peer has entries, so that a wiped disk
 * does not found a second cluster.
 */
const mayCampaign = (state: RaftState): boolean => {
  if (!countsVote(state, state.self, state.storeId) && !isLeaving(state)) return false
  return state.log.lastIndex > 0 || ![...state.links.values()].some(({ hasEntries }) => hasEntries)
}

/** Nobody else may have the entry that removes this node; then only this node can win, and commit it. */
const isLeaving = (state: RaftState): boolean =>
  (state.configs.at(-1)?.index ?? 0) > state.commitIndex &&
  memberOf(state, state.self) === undefined &&
  counts({ ...state, configs: state.configs.slice(0, -1) }, state.self, state.storeId)

/** Does a vote from this store count? On an empty log none is recorded, and every configured voter counts. */
const countsVote = (state: RaftState, voter: NodeId, storeId: StoreId): boolean =>
  state.log.lastIndex === 0 ? memberOf(state, voter)?.voter === true : counts(state, voter, storeId)

export const onRequestVote = (state: RaftState, from: NodeId, message: RequestVote): Step => {
  if (message.preVote) return [state, [answerPreVote(state, from, message)]]
  // While the leader is heard, a request is ignored altogether, its term included, unless that very leader
  // has asked for it (dissertation §4.2.3).
  if (message.term > state.term && !message.transfer && isLeaderHeard(state)) return nothing(state)
  return andThen(adoptTerm(state, message.term), (s) => answerVote(s, from, message))
}

// A leader does not count as heard by itself: whoever asks it for a vote has found a majority that lost it.
const isLeaderHeard = ({ role }: RaftState): boolean => role._tag === "Follower" && role.leaderHeard

const answerPreVote = (state: RaftState, to: NodeId, message: RequestVote): Action => {
  const granted = message.term > state.term && state.role._tag !== "Leader" && !isLeaderHeard(state) &&
    mayWin(state, message)
  const term = granted ? message.term : state.term
  return Action.Send({ to, message: RaftMessage.cases.Vote.make({ term, preVote: true, granted }) })
}

const answerVote = (state: RaftState, from: NodeId, message: RequestVote): Step => {
  const granted = message.term === state.term && (state.votedFor === null || state.votedFor === from) &&
    mayWin(state, message)
  const vote = Action.SendAfterSync({
    to: from,
    message: RaftMessage.cases.Vote.make({ term: state.term, preVote: false, granted })
  })
  if (!granted) return [state, [vote]]
  const next = { ...state, votedFor: from }
  return andThen(
    [next, [Action.PersistHardState({ hardState: hardStateOf(next) })]],
    (s) => andThen(arm(s, "timeout"), (armed) => [armed, [vote]])
  )
}

/**
 * The election restriction (§5.4.1). An empty store votes like any other: whether it has been wiped, the
 * candidate knows, who counts only stores that its log records. But a candidate with an empty log founds a
 * cluster, and whoever only asks to be let into one has no part in that.
 */
const mayWin = (state: RaftState, { lastLogIndex, lastLogTerm }: RequestVote): boolean =>
  RaftLog.isUpToDate(state.log, lastLogTerm, lastLogIndex) &&
  (lastLogIndex > 0 || memberOf(state, state.self)?.voter === true)

export const onVote = (state: RaftState, from: NodeId, message: Vote): Step => {
  // Only a refusal tells the voter's term: a granted pre-vote names the term asked for, which nobody is in yet.
  if (!message.granted) return andThen(adoptTerm(state, message.term), (s) => noteRefusal(s, from, message))
  const { role } = state
  if (role._tag !== "PreCandidate" && role._tag !== "Candidate") return nothing(state)
  const asked = role._tag === "PreCandidate" ? state.term + 1 : state.term
  const isAnswer = message.preVote === (role._tag === "PreCandidate") && message.term === asked
  // A vote that comes without a link names no store: it could be the memory of a disk that is gone.
  const storeId = state.links.get(from)?.storeId
  if (!isAnswer || storeId === undefined || !countsVote(state, from, storeId)) return nothing(state)
  return andThen(decide({ ...state, role: { ...role, votes: new Map([...role.votes, [from, storeId]]) } }), tryAgain)
}

const noteRefusal = (state: RaftState, from: NodeId, { preVote, term }: Vote): Step => {
  const { role } = state
  if (role._tag !== "Candidate" || preVote || term !== state.term) return nothing(state)
  return tryAgain({ ...state, role: { ...role, refusals: new Set([...role.refusals, from]) } })
}

/**
 * Every voter that can be reached has answered, and this candidate is none the wiser: the vote was split. Nothing more
 * will come, so it does not wait for the timeout to ask again. It asks by a pre-vote, which disturbs nobody (§9.6).
 */
const tryAgain = (state: RaftState): Step => {
  const { links, role, self } = state
  if (role._tag !== "Candidate" || role.refusals.size === 0) return nothing(state)
  const reachable = membersOf(state).filter(({ nodeId, voter }) => voter && nodeId !== self && links.has(nodeId))
  const isOver = reachable.every(({ nodeId }) => role.votes.has(nodeId) || role.refusals.has(nodeId))
  return isOver ? arm(state, "lost-leader") : nothing(state)
}
