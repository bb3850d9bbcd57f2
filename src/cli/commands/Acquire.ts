/**
 * `holdfast acquire`: takes a lock for a script, in a session that outlives this command. The session is the script's:
 * it ends with its TTL unless `holdfast renew` keeps it, and what it holds with it.
 */
import { Effect, Option, Redacted, Schedule } from "effect"
import { Command, Flag } from "effect/cli"
import type { SessionId } from "../../api/Fields.ts"
import type { Grant } from "../../api/Locks.ts"
import type { ApiClient } from "../../client/transport/HttpOperations.ts"
import { show } from "../Asking.ts"
import { duration } from "../Durations.ts"
import { nameArgument, permitsFlag, sharedFlag, waitFlag } from "../LockFlags.ts"
import { labelFlag, userLabel } from "../Locking.ts"
import { jsonFlag, nodesFlag } from "../Nodes.ts"
import { askHttp, ownerFlag, sessionFlag, sessionOf } from "../Scripting.ts"
import { spanFlag } from "../Spans.ts"

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
    Flag.withDefault(15_000)
  ),
  wait: waitFlag,
  shared: sharedFlag,
  permits: permitsFlag,
  session: sessionFlag.pipe(
    Flag.withDescription("A session to hold it in (default: HOLDFAST_SESSION, or else a new one)"),
    Flag.optional
  ),
  owner: ownerFlag,
  label: labelFlag
}

type Given = Command.Command.Config.Infer<typeof flags>

export const acquire = Command.make("acquire", flags, (given) =>
  Effect.gen(function*() {
    const grant = yield* askHttp(given.nodes, given.name, (client) => take(client, given))
    const session = Redacted.value(grant.session)
    const text = given.shell ? shellOf(grant, session) : textOf(grant, session)
    yield* show(given.json, { ...grant, session }, text)
  })).pipe(Command.withDescription("Take a lock for a script"))

const take = Effect.fnUntraced(function*(client: ApiClient, given: Given) {
  if (Option.isSome(given.session)) return yield* acquireIn(client, given, sessionOf(given.session.value))
  const { label, ttl: ttlMs } = given
  const { session } = yield* client.sessions.open({ payload: { ttlMs, label: label === "" ? userLabel() : label } })
  return yield* Effect.onError(
    acquireIn(client, given, session),
    () => Effect.ignore(client.sessions.end({ params: { session } }))
  )
})

/** A node waits for an hour at the most. Whoever asks again keeps the place in the queue. */
const waitMillisMax = 3_600_000

/** As long as it waits, the session is kept; the TTL begins anew with the grant. */
const acquireIn = (client: ApiClient, { name, owner, permits, shared, ttl, wait }: Given, session: SessionId) => {
  const waitMs = Option.getOrElse(wait, () => waitMillisMax)
  const mode = shared ? "shared" : "exclusive"
  const payload = { session, owner, permits, mode, waitMs, lockDelayMs: 0 } as const
  const once = client.locks.acquire({ params: { name }, payload })
  const acquired = Option.isSome(wait) ? once : Effect.retry(once, { while: ({ _tag }) => _tag === "WaitTimeout" })
  const renew = client.sessions.renew({ params: { session } })
  const kept = Effect.andThen(Effect.repeat(renew, Schedule.spaced(ttl / 3)), Effect.never)
  return Effect.gen(function*() {
    const grant = yield* waitMs === 0 ? acquired : Effect.raceFirst(acquired, kept)
    const { expiresInMs, ttlMs } = yield* renew
    return { ...grant, expiresInMs, ttlMs } satisfies Grant
  })
}

const textOf = ({ expiresInMs, name, token }: Grant, session: string): string =>
  [
    `${JSON.stringify(name)} is held with token ${token}, for ${duration(expiresInMs)} from now unless it is renewed.`,
    `session ${session}`
  ].join("\n")

/** A name may hold anything; in single quotes only these mean something. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const shellOf = ({ name, token }: Grant, session: string): string =>
  `export HOLDFAST_LOCK=${quoted(name)} HOLDFAST_TOKEN=${token} HOLDFAST_SESSION=${quoted(session)}`
