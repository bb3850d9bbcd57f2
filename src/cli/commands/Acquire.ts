/**
 * `holdfast acquire`: takes a lock for a script, in a session that outlives this command. The session is the script's:
 * it ends with its TTL unless `holdfast renew` keeps it, and what it holds with it.
 */
import { Effect, Option, Redacted, Schedule } from "effect"
import { Command, Flag } from "effect/cli"
import type { SessionId } from "../../api/Fields.ts"
import type { Grant } from "../../api/Locks.ts"
import { userLabel } from "../../client/DefaultLabel.ts"
import { waitMillisMax } from "../../client/engine/Engine.ts"
import { acquireWithin, problemOf } from "../../client/transport/HttpOperations.ts"
import { show } from "../Asking.ts"
import { duration } from "../Durations.ts"
import { type Ask, monotonicMillis } from "../Failover.ts"
import { nameArgument, permitsFlag, sharedFlag, waitFlag } from "../LockFlags.ts"
import { labelFlag } from "../Locking.ts"
import { jsonFlag, nodesFlag } from "../Nodes.ts"
import { askHttp, nextSeq, ownerFlag, seqMillisMax, sessionFlag, sessionOf } from "../Scripting.ts"
import { spanFlag } from "../Spans.ts"
import { WrongCall } from "../WrongCall.ts"

const flags = {
  nodes: nodesFlag,
  json: jsonFlag,
  shell: Flag.Boolean("shell").pipe(
    Flag.withDescription("Print variables for a shell: eval \"$(holdfast acquire NAME --shell)\""),
    Flag.withDefault(false)
  ),
  name: nameArgument,
  ttl: spanFlag("ttl").pipe(
    Flag.withDescription("How long a new session lasts without a renewal (default 15s)"),
    Flag.optional
  ),
  wait: waitFlag,
  shared: sharedFlag,
  permits: permitsFlag,
  session: sessionFlag.pipe(
    Flag.withDescription("A session to hold it in (default: HOLDFAST_SESSION, or else a new one)")
  ),
  owner: ownerFlag,
  label: labelFlag
}

type Given = Command.Command.Config.Infer<typeof flags>

export const acquire = Command.make("acquire", flags, (given) =>
  Effect.gen(function*() {
    yield* refuseIdle(given)
    const grant = yield* askHttp(given.nodes, given.name, (ask) => take(ask, given))
    const session = Redacted.value(grant.session)
    const text = given.shell ? shellOf(grant, session) : textOf(grant, session)
    yield* show(given.json, { ...grant, session }, text)
  })).pipe(Command.withDescription("Take a lock for a script"))

/** A session has a TTL and a label of its own; whoever gives others would rely on them. */
const refuseIdle = ({ label, session, ttl }: Given): Effect.Effect<void, WrongCall> => {
  const idle = [...(Option.isSome(ttl) ? ["--ttl"] : []), ...(label === "" ? [] : ["--label"])]
  if (Option.isNone(session) || idle.length === 0) return Effect.void
  const message = `${idle.join(" and ")} would do nothing: the lock is to be held in the session of --session or ` +
    "HOLDFAST_SESSION, which has its own. Unset that variable for a new session"
  return Effect.fail(new WrongCall({ message }))
}

const ttlMillisDefault = 15_000
/** The session ends with its TTL anyway. */
const endMillisMax = 2_000

const take = Effect.fnUntraced(function*(ask: Ask, given: Given) {
  if (Option.isSome(given.session)) return yield* acquireIn(ask, given, sessionOf(given.session.value))
  const { label } = given
  const payload = {
    ttlMs: Option.getOrElse(given.ttl, () => ttlMillisDefault),
    label: label === "" ? userLabel() : label
  }
  const { session } = yield* ask((client) => client.sessions.open({ payload }))
  return yield* Effect.onError(
    acquireIn(ask, given, session),
    () =>
      Effect.timeoutOption(Effect.ignore(ask((client) => client.sessions.end({ params: { session } }))), endMillisMax)
  )
})

/** As long as it waits, the session is kept; the TTL begins anew with the grant. */
const acquireIn = (ask: Ask, given: Given, session: SessionId) => {
  const renew = ask((client) => client.sessions.renew({ params: { session } }))
  const kept = Effect.gen(function*() {
    const { ttlMs } = yield* renew
    return yield* Effect.andThen(Effect.repeat(renew, Schedule.spaced(ttlMs / 3)), Effect.never)
  })
  return Effect.gen(function*() {
    const isNow = Option.contains(given.wait, 0)
    const acquired = wait(ask, given, session, yield* monotonicMillis)
    const grant = yield* isNow ? acquired : Effect.raceFirst(acquired, kept)
    const { expiresInMs, ttlMs } = yield* renew
    return { ...grant, expiresInMs, ttlMs } satisfies Grant
  })
}

/** Asks for as long as a node remembers the number of the request, and then under another, in the same place. */
const wait = (ask: Ask, given: Given, session: SessionId, began: number): Effect.Effect<Grant, unknown> => {
  const { name, owner, permits, shared } = given
  const mode = shared ? "shared" : "exclusive"
  return Effect.gen(function*() {
    let numbers = yield* nextSeq
    let numberedAt = yield* monotonicMillis
    const until = began + Option.getOrElse(given.wait, () => Infinity)
    const asked = ask.waiting(Effect.fnUntraced(function*(client) {
      const now = yield* monotonicMillis
      if (now - numberedAt >= seqMillisMax) {
        const later = yield* nextSeq
        // The time of day may have been set back.
        if (later.seq > numbers.seq) numbers = later
        numberedAt = now
      }
      const waitMs = Option.contains(given.wait, 0) ? 0 : Math.ceil(Math.max(1, Math.min(until - now, waitMillisMax)))
      const payload = { session, owner, permits, mode, waitMs, lockDelayMs: 0, ...numbers } as const
      return yield* acquireWithin(client, name, payload)
    }))
    return yield* Effect.catchIf(asked, isWaitOver, (error) =>
      Effect.flatMap(
        monotonicMillis,
        (now) => now < until ? wait(ask, given, session, began) : Effect.fail(error)
      ))
  })
}

const isWaitOver = (error: unknown): boolean => problemOf(error)?._tag === "WaitTimeout"

const textOf = ({ expiresInMs, name, token }: Grant, session: string): string =>
  [
    `${JSON.stringify(name)} is held with token ${token}, for ${duration(expiresInMs)} from now unless it is renewed.`,
    `session ${session}`
  ].join("\n")

/** A name may hold anything; in single quotes only these mean something. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const shellOf = ({ name, token }: Grant, session: string): string =>
  `export HOLDFAST_LOCK=${quoted(name)} HOLDFAST_TOKEN=${token} HOLDFAST_SESSION=${quoted(session)}`
