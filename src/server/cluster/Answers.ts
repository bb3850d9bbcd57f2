/**
 * What the state machine replied, as the API says it.
 */
import { Effect } from "effect"
import type { SessionId } from "../../api/Fields.ts"
import type { Grant } from "../../api/Locks.ts"
import * as Problems from "../../api/Problems.ts"
import type { SessionOpened, SessionRenewed } from "../../api/Sessions.ts"
import type { Holder, LockReply } from "../../lock/LockReply.ts"
import type { RequestFailed } from "../../node/NodeErrors.ts"

export const orUnavailable = <A, E, R>(
  effect: Effect.Effect<A, E | RequestFailed, R>
): Effect.Effect<A, Exclude<E, RequestFailed> | Problems.Unavailable, R> =>
  Effect.catchTag(
    effect as Effect.Effect<A, RequestFailed, R>,
    "RequestFailed",
    ({ reason }) => Effect.fail(unavailable[reason]())
  ) as never

/** What a request that did not get through is answered. */
export const unavailable = {
  "no-leader": () => new Problems.NoLeader({}),
  overloaded: () => new Problems.Overloaded({}),
  "outcome-unknown": () => new Problems.OutcomeUnknown({})
} as const

/** A read that could not be made has changed nothing, whatever became of it. */
export const orUnreadable = <A, R>(
  effect: Effect.Effect<A, RequestFailed, R>
): Effect.Effect<A, Problems.Unreadable, R> =>
  Effect.mapError(
    effect,
    ({ reason }) => reason === "overloaded" ? new Problems.Overloaded({}) : new Problems.NoLeader({})
  )

export const opened = (session: SessionId, reply: LockReply): Effect.Effect<SessionOpened> =>
  reply._tag === "SessionOpened"
    ? Effect.succeed({ session, ttlMs: reply.ttlMillis, expiresInMs: reply.expiresInMillis })
    : impossible("OpenSession", reply)

export const renewed = (reply: LockReply): Effect.Effect<SessionRenewed, Problems.SessionExpired> => {
  switch (reply._tag) {
    case "SessionRenewed":
      return Effect.succeed({ ttlMs: reply.ttlMillis, expiresInMs: reply.expiresInMillis })
    case "SessionExpired":
      return Effect.fail(new Problems.SessionExpired({}))
    default:
      return impossible("RenewSession", reply)
  }
}

export const released = (
  reply: LockReply
): Effect.Effect<void, Problems.NotHolder | Problems.RequestStale | Problems.Overloaded> => {
  switch (reply._tag) {
    case "Released":
      return Effect.void
    // An expired session holds nothing.
    case "NotHolder":
    case "SessionExpired":
      return Effect.fail(new Problems.NotHolder({}))
    case "RequestStale":
      return Effect.fail(new Problems.RequestStale({}))
    case "TooManyOutcomes":
      return Effect.fail(tooManyOutcomes())
    default:
      return impossible("Release", reply)
  }
}

export const acquired = (
  name: string,
  session: SessionId,
  reply: LockReply
): Effect.Effect<
  Grant,
  | Problems.LockHeld
  | Problems.WaitTimeout
  | Problems.SessionExpired
  | Problems.ModeConflict
  | Problems.RequestStale
  | Problems.Unavailable
> => {
  switch (reply._tag) {
    case "Granted": {
      const { expiresInMillis, holdEndsInMillis, mode, owner, token, ttlMillis } = reply
      const grant = { name, mode, session, owner, token, ttlMs: ttlMillis, expiresInMs: expiresInMillis }
      return Effect.succeed(holdEndsInMillis === undefined ? grant : { ...grant, holdEndsInMs: holdEndsInMillis })
    }
    case "LockHeld": {
      const { holders, lockDelayLeftMillis, queueLength } = reply
      const facts = { holders: holders.map(holderOf), queueLength, lockDelayLeftMs: lockDelayLeftMillis }
      return Effect.fail(new Problems.LockHeld(facts))
    }
    case "WaitTimedOut":
      return Effect.fail(new Problems.WaitTimeout({}))
    case "SessionExpired":
      return Effect.fail(new Problems.SessionExpired({}))
    case "ModeConflict":
      return Effect.fail(new Problems.ModeConflict({ mode: reply.mode, permits: reply.permits }))
    case "RequestStale":
      return Effect.fail(new Problems.RequestStale({}))
    case "TooManyOutcomes":
      return Effect.fail(tooManyOutcomes())
    case "Superseded":
    case "Abandoned":
      return Effect.fail(
        new Problems.OutcomeUnknown({
          detail: "A later attempt of the same session and owner took over, and hears the outcome."
        })
      )
    default:
      return impossible("Acquire", reply)
  }
}

export const holderOf = (
  { expiresInMillis, heldMillis, holdEndsInMillis, label, mode, owner, token, value }: Holder
): Problems.Holder => ({
  label,
  owner,
  mode,
  token,
  heldMs: heldMillis,
  expiresInMs: expiresInMillis,
  ...(holdEndsInMillis === undefined ? {} : { holdEndsInMs: holdEndsInMillis }),
  ...(value === undefined ? {} : { value })
})

const tooManyOutcomes = () =>
  new Problems.Overloaded({
    detail: "The session has as many outcomes as it may keep: send `seqDone`. Nothing was done."
  })

const impossible = (command: string, reply: LockReply) =>
  Effect.die(new Error(`broken invariant: ${reply._tag} is no reply to ${command}`))
