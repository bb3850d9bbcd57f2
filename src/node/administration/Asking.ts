/**
 * How an operator's request comes to a node: from a caller of it, or from a peer that does not lead.
 */
import { Effect, Queue } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import { RequestFailed } from "../NodeErrors.ts"
import { NodeEvent } from "../NodeEvent.ts"
import type { PeerMessage } from "../peers/PeerMessage.ts"
import { post, type Shell } from "../Shell.ts"
import type { AdminAsk, AdminOutcome } from "./AdminAsk.ts"
import type { Administered } from "./Administration.ts"

/** Asks, and waits for the outcome a bounded time. To stop waiting does not stop what was asked. */
export const ask = (shell: Shell, request: string, ask: AdminAsk): Effect.Effect<AdminOutcome, RequestFailed> =>
  Effect.callback<AdminOutcome, RequestFailed>((resume) => {
    const asked = {
      ...deadlines(shell),
      request,
      ask,
      origin: null,
      stage: { _tag: "Waits" } as const,
      settle: (outcome: AdminOutcome) => resume(Effect.succeed(outcome))
    }
    const isTaken = shell.administered.size < askedMax &&
      Queue.offerUnsafe(shell.inbox, NodeEvent.Administered({ asked }))
    if (!isTaken) resume(Effect.fail(new RequestFailed({ reason: "overloaded" })))
  })

/** A peer passes on what its caller asks: the outcome goes back over the link. */
export const passOn = (
  shell: Shell,
  origin: NodeId,
  { ask, request }: Extract<PeerMessage, { _tag: "Admin" }>
): void => {
  const answer = (outcome: AdminOutcome) => post(shell, origin, { _tag: "AdminAnswer", request, outcome })
  if (shell.administered.size >= askedMax) return answer({ _tag: "Refused", reason: "in-progress" })
  enter(shell, { request, ask, origin, settle: answer })
}

type Asked = Pick<Administered, "ask" | "origin" | "request" | "settle">

/** This node asks by itself, from within its turn. What it asks already it does not ask again. */
export const place = (shell: Shell, asked: Asked): void => {
  if (shell.administered.has(asked.request) || shell.administered.size >= askedMax) return
  enter(shell, asked)
}

const enter = (shell: Shell, asked: Asked): void => {
  shell.administered.set(asked.request, { ...deadlines(shell), ...asked, stage: { _tag: "Waits" } })
}

const deadlines = (shell: Shell) => {
  const now = shell.now()
  return { leaderlessMillis: now + shell.config.timings.leaderWaitMillis, untilMillis: now + askMillisMax }
}

const askMillisMax = 10_000
const askedMax = 64
