/**
 * A client of the HTTP API that never gives up a question: the same request goes to one node after another until an
 * answer is certain. It asks one thing at a time and counts its `seq` up, so that what was sent twice happens once.
 */
import { Effect, Random } from "effect"
import type { Reply } from "../../test/e2e/harness/Http.ts"
import type { KeepAlive } from "../lib/KeepAlive.ts"
import { type Asked, type Grant, judge } from "./Judging.ts"
import type { Recorder } from "./Recorder.ts"

/** What all clients of a run share. */
export interface Ground {
  readonly nodes: ReadonlyArray<KeepAlive>
  readonly recorder: Recorder
  isOver: boolean
}

/** A session as its client knows it. */
export interface Session {
  readonly client: string
  readonly id: string
  readonly ttlMillis: number
  seq: number
  owners: number
  /** Until when it surely lives, on the recorder's clock: a renewal that was answered counts from its sending. */
  livesUntil: number
  isLost: boolean
}

export const open = Effect.fnUntraced(function*(ground: Ground, client: string, ttlMillis: number) {
  const asked = yield* ask(ground, "POST", "/v1/sessions", { ttlMs: ttlMillis, label: client })
  const { body } = asked.reply
  const id = String(body["session"])
  const livesUntil = asked.attempts.at(-1)! + ttlMillis * 1e6
  const session: Session = { client, id, ttlMillis, seq: 0, owners: 0, livesUntil, isLost: false }
  judge(ground.recorder, session, { op: "open" }, asked)
  ground.recorder.sessions += 1
  return session
})

/** A renewal is recorded as one of the grant that its client holds; if it holds none, no history can tell of it. */
export const renew = (ground: Ground, session: Session, held?: Grant) =>
  Effect.map(
    ask(ground, "POST", `/v1/sessions/${session.id}/renew`, {}),
    (asked) => judge(ground.recorder, session, { op: "renew", held }, asked)
  )

export const acquire = (ground: Ground, session: Session, name: string, waitMs: number) =>
  Effect.suspend(() => {
    session.owners += 1
    const owner = `${session.client}/${session.id.slice(0, 6)}/${session.owners}`
    const body = { session: session.id, owner, waitMs, ...nextSeq(session) }
    return Effect.map(
      ask(ground, "POST", `${pathOf(name)}/acquire`, body),
      (asked) => judge(ground.recorder, session, { op: "acquire", name, owner, waitMs }, asked)
    )
  })

/** Asks for a lock and hangs up before it can know whether it has it. Its session is of no use then, and is ended. */
export const hangUp = Effect.fnUntraced(function*(ground: Ground, session: Session, name: string, afterMillis: number) {
  const { recorder } = ground
  const owner = `${session.client}/${session.id.slice(0, 6)}/hangs up`
  const start = recorder.now()
  const node = yield* someNode(ground)
  const body = { session: session.id, owner, waitMs: 10_000, ...nextSeq(session) }
  yield* node.call("POST", `${pathOf(name)}/acquire`, body).pipe(Effect.timeout(afterMillis), Effect.ignore)
  const said = { client: session.client, name, owner, token: null, start, end: recorder.now() }
  recorder.note({ ...said, op: "acquire", result: "unknown" })
  session.isLost = true
  yield* ask(ground, "DELETE", `/v1/sessions/${session.id}`)
})

export const release = (ground: Ground, session: Session, held: Grant) =>
  Effect.suspend(() =>
    Effect.map(
      ask(ground, "POST", `${pathOf(held.name)}/release`, {
        session: session.id,
        token: held.token,
        ...nextSeq(session)
      }),
      (asked) => judge(ground.recorder, session, { op: "release", held }, asked)
    )
  )

export const look = (ground: Ground, session: Session, name: string) =>
  Effect.map(
    ask(ground, "GET", pathOf(name)),
    (asked) => judge(ground.recorder, session, { op: "get", name }, asked)
  )

const pathOf = (name: string) => `/v1/locks/${encodeURIComponent(name)}`

/** One request at a time has a `seq`: when the next one is made, all before it have their answers. */
const nextSeq = (session: Session) => {
  session.seq += 1
  return { seq: session.seq, seqDone: session.seq - 1 }
}

/** Every fault of a run is over long before. */
const patienceNanos = 60e9
const noReply: Reply = { status: 0, body: {} }

const ask = Effect.fnUntraced(function*(ground: Ground, method: string, path: string, body?: object) {
  const { recorder } = ground
  const attempts: Array<number> = []
  let reply = noReply
  do {
    if (attempts.length > 0) yield* Effect.sleep(yield* Random.nextIntBetween(5, 50))
    const node = yield* someNode(ground)
    attempts.push(recorder.now())
    reply = yield* node.call(method, path, body).pipe(Effect.orElseSucceed(() => noReply))
  } while (!isCertain(reply) && recorder.now() - attempts[0]! < patienceNanos)
  if (attempts.length > 1) recorder.sentAgain += 1
  const asked: Asked = { reply, attempts, end: recorder.now(), isCertain: isCertain(reply) }
  return asked
})

const someNode = Effect.fnUntraced(function*({ nodes }: Ground) {
  const node = nodes[yield* Random.nextIntBetween(0, nodes.length - 1)]
  return node ?? (yield* Effect.die(new Error("there are no nodes")))
})

/** Overloaded, no leader, nobody can say, or no answer at all: the same request is sent again. */
const isCertain = ({ status }: Reply): boolean => ![0, 429, 503, 504].includes(status)
