/**
 * A client of the HTTP API that never gives up a question: the same request goes to one node after another until an
 * answer is certain, and what came of it is written down. It asks one thing at a time and counts its `seq` up, so
 * that an acquire or a release that was sent twice happens once.
 */
import { Effect, Random } from "effect"
import type { Reply } from "../../test/e2e/harness/Http.ts"
import type { KeepAlive } from "../lib/KeepAlive.ts"
import { nowMillis } from "../lib/Now.ts"
import type { Answer, Kind, Op } from "./History.ts"

/** What all clients of a run share. */
export interface Ground {
  readonly nodes: ReadonlyArray<KeepAlive>
  readonly history: Array<Op>
  readonly ttlMillis: number
  /** The number of the next session. */
  sessions: number
  isOver: boolean
}

/** A session as its client knows it. */
export interface Session {
  readonly number: number
  readonly id: string
  seq: number
  isLost: boolean
}

interface Question {
  readonly client: string
  readonly kind: Kind
  readonly session: number
  readonly path: string
  readonly body: object
  readonly lock?: string
  readonly token?: number
}

/** Every fault of a run is over long before. */
const patienceMillis = 60_000
const noReply: Reply = { status: 0, body: {} }

export const open = Effect.fnUntraced(function*(ground: Ground, client: string) {
  const number = ground.sessions += 1
  const body = { ttlMs: ground.ttlMillis, label: client }
  const { op, reply } = yield* ask(ground, { client, kind: "open", session: number, path: "/v1/sessions", body })
  const session: Session = { number, id: String(reply.body["session"]), seq: 0, isLost: op.answer !== "ok" }
  return session
})

export const renew = (ground: Ground, client: string, session: Session) =>
  asked(ground, session, {
    client,
    kind: "renew",
    session: session.number,
    path: `/v1/sessions/${session.id}/renew`,
    body: {}
  })

export const acquire = (ground: Ground, client: string, session: Session, lock: string, waitMs: number) =>
  asked(ground, session, {
    client,
    kind: "acquire",
    session: session.number,
    path: `${pathOf(lock)}/acquire`,
    body: { session: session.id, waitMs, ...nextSeq(session) },
    lock
  })

export const release = (ground: Ground, client: string, session: Session, lock: string, token: number) =>
  asked(ground, session, {
    client,
    kind: "release",
    session: session.number,
    path: `${pathOf(lock)}/release`,
    body: { session: session.id, token, ...nextSeq(session) },
    lock,
    token
  })

export const check = (ground: Ground, client: string, session: Session, lock: string, token: number) =>
  asked(ground, session, {
    client,
    kind: "check",
    session: session.number,
    path: `${pathOf(lock)}/check`,
    body: { token },
    lock,
    token
  })

const pathOf = (lock: string) => `/v1/locks/${encodeURIComponent(lock)}`

/** One request at a time has a `seq`: when the next one is made, all before it have their answers. */
const nextSeq = (session: Session) => {
  session.seq += 1
  return { seq: session.seq, seqDone: session.seq - 1 }
}

const asked = (ground: Ground, session: Session, question: Question) =>
  Effect.map(ask(ground, question), ({ op }) => {
    // Whoever got no certain answer cannot tell what its session holds: it starts anew.
    if (op.answer === "session-expired" || op.answer === "unanswered") session.isLost = true
    return op
  })

const ask = Effect.fnUntraced(function*(ground: Ground, { body, client, kind, lock, path, session, token }: Question) {
  const sentAt = nowMillis()
  let attemptAt = sentAt
  let attempts = 0
  let reply = noReply
  do {
    if (attempts > 0) yield* Effect.sleep(yield* Random.nextIntBetween(5, 50))
    attemptAt = nowMillis()
    attempts += 1
    const node = ground.nodes[yield* Random.nextIntBetween(0, ground.nodes.length - 1)]
    if (node === undefined) return yield* Effect.die(new Error("there are no nodes"))
    reply = yield* node.call("POST", path, body).pipe(Effect.orElseSucceed(() => noReply))
  } while (!isCertain(reply) && nowMillis() - sentAt < patienceMillis)
  const op: Op = {
    client,
    kind,
    session,
    lock: lock ?? null,
    token: token ?? tokenOf(reply),
    sentAt,
    attemptAt,
    answeredAt: nowMillis(),
    attempts,
    ...judge(kind, reply)
  }
  ground.history.push(op)
  return { op, reply }
})

/** Overloaded, no leader, nobody can say, or no answer at all: the same request is sent again. */
const isCertain = ({ status }: Reply): boolean => ![0, 429, 503, 504].includes(status)

const tokenOf = ({ body: { token } }: Reply): number | null => typeof token === "number" ? token : null

const refusals: Readonly<Record<string, Answer>> = {
  "/problems/lock-held": "held",
  "/problems/wait-timeout": "held",
  "/problems/not-holder": "not-holder",
  "/problems/session-expired": "session-expired"
}

const judge = (kind: Kind, reply: Reply): Pick<Op, "answer" | "detail"> => {
  const { body, status } = reply
  if (!isCertain(reply)) return { answer: "unanswered", detail: `the last answer was ${status}` }
  if (kind === "check" && status === 200) return { answer: body["valid"] === true ? "ok" : "invalid" }
  if (status === 200 || status === 201) return { answer: "ok" }
  const answer = refusals[String(body["type"])]
  return answer === undefined ? { answer: "unexpected", detail: `${status} ${JSON.stringify(body)}` } : { answer }
}
