/**
 * One turn of a node: take what has come in, step through it as a batch, do what the core asks for
 * with one write and one sync, and answer whoever can be answered.
 */
import { Effect } from "effect"
import * as RaftCore from "../raft/RaftCore.ts"
import { isLeading, isRemoved, type RaftState } from "../raft/RaftState.ts"
import * as Administration from "./administration/Administration.ts"
import { introduce } from "./administration/Introducing.ts"
import * as Applying from "./Applying.ts"
import * as Intake from "./Intake.ts"
import * as Leading from "./Leading.ts"
import { NodeRefused } from "./NodeErrors.ts"
import type { NodeEvent } from "./NodeEvent.ts"
import * as GoneBack from "./peers/GoneBack.ts"
import * as Peers from "./peers/Peers.ts"
import { heed } from "./peers/Refusals.ts"
import { perform } from "./Performing.ts"
import * as Routing from "./requests/Routing.ts"
import { flush, type Shell } from "./Shell.ts"
import * as Offering from "./snapshots/Offering.ts"
import * as Taking from "./snapshots/Taking.ts"
import * as LeaderClock from "./time/LeaderClock.ts"

/** It has nothing to say any more: its cluster has gone on without it (dissertation §4.2.2). */
const removed = ({ self }: RaftState) =>
  new NodeRefused({
    by: [],
    message:
      `${self} was removed from its cluster, and stops. To bring it back, empty its data directory and start it ` +
      "with --join"
  })

export const turn = Effect.fnUntraced(function*(shell: Shell, before: RaftState, batch: ReadonlyArray<NodeEvent>) {
  const since = shell.now()
  const clock = LeaderClock.advance(shell.clock, since, shell.config.timings.clockStepMillisMax)
  // While another node leads, this clock is nobody's.
  if (isLeading(before)) shell.metrics.clockDroppedMicros += clock.droppedMicros - shell.clock.droppedMicros
  shell.clock = clock
  const intake = Intake.sort(shell, batch)
  yield* heed(shell, before, intake)
  for (const work of intake.snapshots) yield* work
  const stepped = RaftCore.steps(before, intake.events)
  Leading.changed(shell, before, stepped[0])
  shell.traces?.acknowledged(stepped[0])
  // The older ones first; what has only just come has not been sent either, and still goes once.
  const again = Routing.toSendAgain(shell, before, stepped[0], intake.isResendDue)
  const own = Routing.route(shell, stepped[0], new Set([...again, ...intake.submitted]))
  if (intake.events.some(({ _tag }) => _tag === "QuorumCheckDue")) GoneBack.spread(shell, stepped[0])
  introduce(shell, stepped[0])
  const served = Leading.serve(shell, stepped, own, intake.isTickDue)
  let state = yield* perform(shell, Administration.advance(shell, served))
  let undecided = Applying.answerReads(shell)
  while (undecided.length > 0) {
    state = yield* perform(shell, Leading.decideFirst(shell, state, undecided))
    undecided = Applying.answerReads(shell)
  }
  shell.requests.toldAll()
  Leading.armTick(shell, state)
  yield* Peers.follow(shell, state)
  if (isRemoved(state)) yield* removed(state)
  yield* Offering.tidy(shell, state)
  yield* Taking.takeIfDue(shell)
  yield* flush(shell)
  shell.caughtUp.applied(shell.lastApplied)
  shell.metrics.turned(before, state)
  shell.metrics.turnSeconds.observe((shell.now() - since) / 1000)
  return state
})
