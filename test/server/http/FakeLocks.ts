/**
 * Locks that do what their names say: the lock `wait-timeout` answers every operation with that problem, `slow` takes
 * its time, `defect` and `half` are broken, and any other name is free. They record what they were asked.
 */
import { Deferred, Effect, Redacted } from "effect"
import type { Acquire, Grant } from "../../../src/api/Locks.ts"
import * as Problems from "../../../src/api/Problems.ts"
import { Locks } from "../../../src/server/Locks.ts"

/** The one session id that the fake knows. */
export const knownSession = "c2VjcmV0LXNlc3Npb24taWQ"

export const holder: Problems.Holder = {
  label: "worker 1",
  owner: "",
  mode: "exclusive",
  token: 7,
  heldMs: 20,
  expiresInMs: 4980,
  value: "note"
}

/** A lock of this name answers every operation with this problem. */
export const outcomes = {
  "lock-held": new Problems.LockHeld({ holders: [holder], queueLength: 2, lockDelayLeftMs: 0 }),
  "wait-timeout": new Problems.WaitTimeout(),
  "mode-conflict": new Problems.ModeConflict({ mode: "shared", permits: 1 }),
  "not-holder": new Problems.NotHolder(),
  "request-stale": new Problems.RequestStale(),
  "session-expired": new Problems.SessionExpired(),
  "overloaded": new Problems.Overloaded({ retryAfterMs: 2500 }),
  "no-leader": new Problems.NoLeader(),
  "outcome-unknown": new Problems.OutcomeUnknown()
}

type Outcome = keyof typeof outcomes

/** What the fake was asked, and the waiters that it has and had. */
export interface Recorder {
  readonly calls: Array<readonly [operation: string, ...input: ReadonlyArray<unknown>]>
  waiting: number
  withdrawn: number
}

const outcomeOf = (name: string): Effect.Effect<void, never> => {
  if (name === "defect") return Effect.die(new Error("the fake is broken"))
  return Object.hasOwn(outcomes, name) ? Effect.fail(outcomes[name as Outcome]) as Effect.Effect<never> : Effect.void
}

const outcomeIn = (name: string) => Object.hasOwn(outcomes, name) ? outcomes[name as Outcome] : undefined

const grant = (name: string, request: Acquire): Grant => ({
  name,
  mode: request.mode,
  session: request.session ?? Redacted.make(knownSession),
  owner: request.owner,
  token: 8,
  ttlMs: request.session === undefined ? request.ttlMs : 10_000,
  // `half` gives an answer that the API does not have: a defect, found when it is encoded.
  expiresInMs: name === "half" ? 0.5 : 5000,
  ...(request.maxHoldMs === undefined ? {} : { holdEndsInMs: request.maxHoldMs })
})

const view = (name: string) => ({
  name,
  mode: "exclusive" as const,
  permits: 1,
  holders: [holder],
  queueLength: 2,
  lockDelayLeftMs: 0,
  lastToken: 7
})

const waiter = {
  position: 1,
  label: "worker 2",
  owner: "",
  mode: "exclusive" as const,
  waitedMs: 30,
  waitEndsInMs: 70,
  estimatedWaitMs: 4
}

const explanation = (name: string) => ({
  ...view(name),
  queue: [waiter],
  estimate: { waitMs: 9, atMostMs: null, typicalHoldMs: 5, holdsSeen: 3 },
  ...withheld[name]
})

const untouched = { mode: null, holders: [], queueLength: 0, queue: [], lockDelayLeftMs: 591_000 }

/** Locks that nobody holds and nobody gets: after a restore, and after a holder that was lost. */
const withheld: Readonly<Record<string, typeof untouched & { readonly lastToken: number | null }>> = {
  restored: { ...untouched, lastToken: null },
  delayed: { ...untouched, lastToken: 7 }
}

const hold = {
  token: 6,
  label: "worker 2",
  owner: "",
  mode: "exclusive" as const,
  grantedAt: "2026-01-02T14:00:00.000Z",
  endedAt: "2026-01-02T14:03:00.000Z",
  heldMs: 180_000,
  ended: "max-hold" as const
}

/** With `stubborn` a drain lets those that wait wait on. */
export const makeLocks = (recorder: Recorder, stubborn: boolean) =>
  Effect.gen(function*() {
    const stopped = yield* Deferred.make<never, Problems.OutcomeUnknown>()
    const record = (...call: Recorder["calls"][number]) => Effect.sync(() => void recorder.calls.push(call))
    const wait = Effect.suspend(() => {
      recorder.waiting++
      return Effect.ensuring(Deferred.await(stopped), Effect.sync(() => recorder.waiting--))
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => recorder.withdrawn++)))
    return Locks.of({
      onTold: () => () => {},
      openSession: (request) =>
        record("openSession", request).pipe(
          Effect.as({ session: Redacted.make(knownSession), ttlMs: request.ttlMs, expiresInMs: request.ttlMs })
        ),
      renewSession: (session) =>
        Effect.andThen(
          record("renewSession", session),
          Redacted.value(session) === knownSession
            ? Effect.succeed({ ttlMs: 10_000, expiresInMs: 10_000 })
            : Effect.fail(new Problems.SessionExpired())
        ),
      endSession: (session) => record("endSession", session),
      acquire: (name, request) =>
        record("acquire", name, request).pipe(
          Effect.andThen(name === "slow" ? Effect.sleep("100 millis") : outcomeOf(name)),
          Effect.andThen(request.waitMs > 0 ? wait : Effect.succeed(grant(name, request)))
        ),
      release: (name, request) => Effect.andThen(record("release", name, request), outcomeOf(name)),
      perform: (operation, _, settle) => {
        const { _tag, id } = operation
        recorder.calls.push([_tag, operation])
        const outcome = "lock" in operation ? outcomeIn(operation.lock) : undefined
        if (outcome !== undefined) settle({ _tag: "Failed", id, problem: outcome })
        else if (_tag === "RenewSession") settle({ _tag: "SessionRenewed", id })
        else if (_tag === "EndSession") settle({ _tag: "SessionEnded", id })
        else if (_tag === "Release") settle({ _tag: "Released", id })
        else if (operation.waitMs === 0) settle({ _tag: "Granted", id, token: 8, expiresInMs: 5000 })
        return () => {}
      },
      check: (name, token) =>
        record("check", name, token).pipe(Effect.andThen(outcomeOf(name)), Effect.as(token === 7)),
      get: (name, consistency) =>
        record("get", name, consistency).pipe(Effect.andThen(outcomeOf(name)), Effect.as(view(name))),
      explain: (name, consistency) =>
        record("explain", name, consistency).pipe(Effect.andThen(outcomeOf(name)), Effect.as(explanation(name))),
      history: (name, consistency) =>
        record("history", name, consistency).pipe(
          Effect.andThen(outcomeOf(name)),
          Effect.as({ name, history: [hold] })
        ),
      list: (options) => record("list", options).pipe(Effect.as({ locks: [view("a"), view("é/b")], cursor: "é/b" })),
      sessions: (options) =>
        record("sessions", options).pipe(
          Effect.as({ sessions: [{ label: "w", ttlMs: 9, expiresInMs: 8, holds: 1, waits: 0 }], cursor: 41 })
        ),
      drain: stubborn ? Effect.void : Effect.asVoid(Deferred.fail(stopped, new Problems.OutcomeUnknown()))
    })
  })

export const makeRecorder = (): Recorder => ({ calls: [], waiting: 0, withdrawn: 0 })
