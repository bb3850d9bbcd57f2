/**
 * What an answer says, as lines of a history. A request that was sent again leaves more than one: an acquire whose
 * client hung up may have been granted and withdrawn before the attempt that was answered.
 */
import type { Operation } from "../../src/spec/history/Operation.ts"
import type { Reply } from "../../test/e2e/harness/Http.ts"
import type { Session } from "./HttpClient.ts"
import type { Recorder } from "./Recorder.ts"

/** A lock that a client was granted. */
export interface Grant {
  readonly name: string
  readonly owner: string
  readonly token: number
}

/** The last answer to a request, and when it was sent, each time. */
export interface Asked {
  readonly reply: Reply
  readonly attempts: ReadonlyArray<number>
  readonly end: number
  readonly isCertain: boolean
}

export type Question =
  | { readonly op: "open" }
  | { readonly op: "renew"; readonly held: Grant | undefined }
  | { readonly op: "acquire"; readonly name: string; readonly owner: string; readonly waitMs: number }
  | { readonly op: "release"; readonly held: Grant }
  | { readonly op: "get"; readonly name: string }

/** Records what came of it. Returns the grant of an acquire that was done, or the one that a read showed. */
export const judge = (recorder: Recorder, session: Session, question: Question, asked: Asked): Grant | undefined => {
  const { isCertain, reply } = asked
  const problem = problemOf(reply)
  if (!isCertain) recorder.fault("unanswered request", `${say(session, question)}: the last answer was ${reply.status}`)
  else if (problem !== undefined && !expected[question.op].includes(problem)) {
    recorder.fault("unexpected answer", `${say(session, question)}: ${reply.status} ${JSON.stringify(reply.body)}`)
  }
  if (problem === "session-expired") noteLost(recorder, session, asked)
  // Whoever got no certain answer cannot tell what its session holds: it starts anew.
  if (!isCertain || problem === "session-expired") session.isLost = true
  switch (question.op) {
    case "open":
      return undefined
    case "renew":
      return renewed(recorder, session, question.held, asked)
    case "acquire":
      return acquired(recorder, session, question, asked)
    case "release":
      return released(recorder, session, question.held, asked)
    case "get":
      return looked(recorder, session, question.name, asked)
  }
}

const expected: Readonly<Record<Question["op"], ReadonlyArray<string>>> = {
  open: [],
  renew: ["session-expired"],
  acquire: ["lock-held", "wait-timeout", "session-expired"],
  release: ["not-holder"],
  get: []
}

/** Undefined if it was done. */
const problemOf = ({ body, status }: Reply): string | undefined =>
  status >= 200 && status < 300 ? undefined : String(body["type"]).replace("/problems/", "")

const say = ({ client }: Session, question: Question): string => `${question.op} by ${client}`

/** No session ends before its TTL has run since a renewal that was answered. */
const noteLost = (recorder: Recorder, session: Session, { end }: Asked): void => {
  const early = (session.livesUntil - end) / 1e6
  if (early > 0) recorder.fault("lost session", `${session.client}'s ended ${early.toFixed(1)} ms early`)
}

const renewed = (
  recorder: Recorder,
  session: Session,
  held: Grant | undefined,
  { attempts, end, isCertain, reply }: Asked
) => {
  const start = attempts.at(-1)!
  const isDone = isCertain && problemOf(reply) === undefined
  if (isDone) session.livesUntil = Math.max(session.livesUntil, start + session.ttlMillis * 1e6)
  if (held === undefined) return undefined
  const line = { client: session.client, op: "renew", ...held, start, end } as const
  if (!isCertain) recorder.note({ ...line, result: "unknown" })
  else recorder.note(isDone ? { ...line, result: "ok", leaseMs: session.ttlMillis } : { ...line, result: "not_holder" })
  return undefined
}

const acquired = (
  recorder: Recorder,
  { client }: Session,
  { name, owner, waitMs }: Question & { readonly op: "acquire" },
  { attempts, end, isCertain, reply }: Asked
): Grant | undefined => {
  const line = { client, op: "acquire", name, owner, end } as const
  const last = attempts.at(-1)!
  for (const start of attempts.slice(0, -1)) recorder.note({ ...line, token: null, result: "unknown", start })
  const problem = problemOf(reply)
  if (isCertain && problem === undefined) {
    const token = Number(reply.body["token"])
    const leaseMs = Number(reply.body["expiresInMs"])
    // It may have been granted to an earlier attempt whose answer was lost.
    recorder.note({ ...line, token, result: "ok", start: attempts[0]!, leaseMs })
    return { name, owner, token }
  }
  const isHeld = problem === "lock-held" || problem === "wait-timeout"
  const result = isCertain ? (isHeld ? "held" : "fail") : "unknown"
  // Of one that was sent again nobody knows since when the attempt that was answered had waited.
  recorder.note({ ...line, token: null, result, start: last, ...(attempts.length === 1 && isHeld && { waitMs }) })
  return undefined
}

/** Sent again, "not holder" may mean that the first one was done, and that its session has ended since. */
const released = (recorder: Recorder, { client }: Session, held: Grant, { attempts, end, isCertain, reply }: Asked) => {
  const isDone = isCertain && problemOf(reply) === undefined
  const result: Operation["result"] = isDone ? "ok" : isCertain && attempts.length === 1 ? "not_holder" : "unknown"
  recorder.note({ client, op: "release", ...held, result, start: attempts[0]!, end })
  return undefined
}

const looked = (
  recorder: Recorder,
  { client }: Session,
  name: string,
  { attempts, end, isCertain, reply }: Asked
): Grant | undefined => {
  const line = { client, op: "get", name, start: attempts.at(-1)!, end } as const
  if (!isCertain || problemOf(reply) !== undefined) {
    recorder.note({ ...line, owner: "", token: null, result: "unknown" })
    return undefined
  }
  const holders = reply.body["holders"]
  if (Array.isArray(holders) && holders.length > 1) recorder.fault("unexpected answer", `two holders of ${name}`)
  const holder = holderOf(Array.isArray(holders) ? holders[0] : undefined)
  recorder.note({ ...line, owner: "", token: null, ...holder, result: "ok" })
  return holder === undefined ? undefined : { name, ...holder }
}

const holderOf = (holder: unknown): Omit<Grant, "name"> | undefined => {
  if (typeof holder !== "object" || holder === null) return undefined
  const { owner, token }: { readonly owner?: unknown; readonly token?: unknown } = holder
  return { owner: String(owner), token: Number(token) }
}
