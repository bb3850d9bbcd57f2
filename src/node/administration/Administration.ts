/**
 * Takes what operators ask to the leader, once, and tells them what came of it. A change is never sent
 * to a second leader: the first one may have made it, and to make it twice is not the same as once.
 */
import type { LogIndex, Term } from "../../raft/Entry.ts"
import { Event } from "../../raft/Event.ts"
import type { NodeId } from "../../raft/Membership.ts"
import * as RaftCore from "../../raft/RaftCore.ts"
import * as RaftLog from "../../raft/RaftLog.ts"
import { isLeading, leaderOf, type RaftState } from "../../raft/RaftState.ts"
import { andThen, type Step } from "../../raft/Step.ts"
import * as Transfer from "../../raft/Transfer.ts"
import * as Leading from "../Leading.ts"
import { post, type Shell } from "../Shell.ts"
import { type AdminAsk, AdminOutcome } from "./AdminAsk.ts"
import { refusal } from "./AdminRefusals.ts"

/** Where an ask is. */
export type Stage =
  /** Nobody has it yet. */
  | { readonly _tag: "Waits" }
  /** A peer that leads has it. */
  | { readonly _tag: "Passed"; readonly to: NodeId }
  /** This node leads, and has appended it. */
  | { readonly _tag: "Appended"; readonly index: LogIndex; readonly term: Term }
  /** This node leads, and hands over. */
  | { readonly _tag: "HandsOver"; readonly term: Term }

export interface Administered {
  readonly request: string
  readonly ask: AdminAsk
  /** The peer that passed it on; null for a caller of this node. */
  readonly origin: NodeId | null
  /** When it is given up if no leader has it, and when in any case. */
  readonly leaderlessMillis: number
  readonly untilMillis: number
  readonly settle: (outcome: AdminOutcome) => void
  stage: Stage
}

/** Takes every ask one stage further, if it can go further. */
export const advance = (shell: Shell, stepped: Step): Step => {
  let step = stepped
  for (const asked of shell.administered.values()) {
    if (asked.stage._tag === "Waits") step = place(shell, step, asked)
    const outcome = outcomeOf(shell, step[0], asked)
    if (outcome) settle(shell, asked.request, outcome)
  }
  return step
}

/** An answer of the leader. One that does not lead has done nothing, so another may have it. */
export const answered = (shell: Shell, request: string, outcome: AdminOutcome): void => {
  const asked = shell.administered.get(request)
  if (asked && outcome._tag === "NotLeader") asked.stage = { _tag: "Waits" }
  else if (asked) settle(shell, request, outcome)
}

/** Whoever had it is gone, and so is the answer. */
export const unlinked = (shell: Shell, peer: NodeId): void => {
  for (const { request, stage } of shell.administered.values()) {
    if (stage._tag === "Passed" && stage.to === peer) settle(shell, request, AdminOutcome.cases.Unknown.make({}))
  }
}

const settle = (shell: Shell, request: string, outcome: AdminOutcome): void => {
  shell.administered.get(request)?.settle(outcome)
  shell.administered.delete(request)
}

const place = (shell: Shell, step: Step, asked: Administered): Step => {
  const [state] = step
  const leader = leaderOf(state)
  if (isLeading(state)) return attempt(shell, step, asked)
  if (asked.origin !== null) settle(shell, asked.request, AdminOutcome.cases.NotLeader.make({}))
  else if (leader !== null && shell.linked.has(leader)) {
    asked.stage = { _tag: "Passed", to: leader }
    post(shell, leader, { _tag: "Admin", request: asked.request, ask: asked.ask })
  }
  return step
}

/** This node leads: it refuses, or begins. */
const attempt = (shell: Shell, step: Step, asked: Administered): Step => {
  const [{ self, term }] = step
  const verdict = refusal(step[0], asked.ask)
  if (verdict === "done") settle(shell, asked.request, AdminOutcome.cases.Done.make({ leaderId: self, term }))
  else if (verdict) settle(shell, asked.request, AdminOutcome.cases.Refused.make({ reason: verdict }))
  else if (asked.ask._tag === "Transfer") {
    const { to } = asked.ask
    asked.stage = { _tag: "HandsOver", term }
    const moved = Leading.moveClock(shell, step)
    return andThen(moved, (state) => RaftCore.step(state, Event.TransferRequested({ to })))
  } else {
    const { change } = asked.ask
    const next = andThen(step, (state) => RaftCore.step(state, Event.ChangeRequested({ change })))
    asked.stage = { _tag: "Appended", index: next[0].log.lastIndex, term }
    return next
  }
  return step
}

const outcomeOf = (shell: Shell, state: RaftState, asked: Administered): AdminOutcome | null => {
  const { stage } = asked
  const now = shell.now()
  if (stage._tag === "Waits") return now < asked.leaderlessMillis ? null : AdminOutcome.cases.NoLeader.make({})
  const late = now < asked.untilMillis ? null : AdminOutcome.cases.Unknown.make({})
  switch (stage._tag) {
    case "Passed":
      return late
    case "Appended":
      return changed(state, stage) ?? late
    case "HandsOver":
      return handedOver(state, stage) ?? late
  }
}

/** Committed is committed, whoever leads by then (§5.4.3). */
const changed = (state: RaftState, { index, term }: Stage & { readonly _tag: "Appended" }): AdminOutcome | null => {
  const isThere = RaftLog.termAt(state.log, index) === term || index <= state.log.start.index
  if (isThere && index <= state.commitIndex) {
    return AdminOutcome.cases.Done.make({ leaderId: leaderOf(state) ?? state.self, term: state.term })
  }
  return isLeading(state) && state.term === term ? null : AdminOutcome.cases.Unknown.make({})
}

const handedOver = (state: RaftState, { term }: Stage & { readonly _tag: "HandsOver" }): AdminOutcome | null => {
  const leader = leaderOf(state)
  if (state.term > term) {
    return leader === null ? null : AdminOutcome.cases.Done.make({ leaderId: leader, term: state.term })
  }
  return Transfer.isRunning(state) ? null : AdminOutcome.cases.Refused.make({ reason: "unreachable" })
}
