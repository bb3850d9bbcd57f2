/**
 * Finds in a history what a lock service must never answer: two holders at once, a token that repeats or falls, an
 * acknowledged grant, renewal or release that was lost. It knows the contract only; an empty result of a history
 * with few grants says little, which is why the report counts them.
 */
import type { History, Op } from "./History.ts"
import { type Hold, holds, leases } from "./Holds.ts"

export interface Violation {
  readonly rule: string
  readonly message: string
}

export const violations = (history: History, ttlMillis: number): ReadonlyArray<Violation> => {
  const all = holds(history, ttlMillis)
  return [
    ...doubleGrants(all),
    ...repeatedTokens(all),
    ...fallingTokens(all),
    ...lostGrants(history, all),
    ...undoneReleases(history, all),
    ...lostSessions(history, ttlMillis),
    ...badAnswers(history)
  ]
}

/** Nobody else is granted a lock while its holder certainly holds it. */
const doubleGrants = (all: ReadonlyArray<Hold>): ReadonlyArray<Violation> =>
  [...Map.groupBy(all, ({ lock }) => lock).values()].flatMap((ofLock) => {
    const found: Array<Violation> = []
    let last: Hold | undefined
    for (const hold of ofLock.filter(({ from, until }) => from < until).toSorted((a, b) => a.from - b.from)) {
      if (last !== undefined && hold.from < last.until) {
        found.push({ rule: "double grant", message: `${sayHold(last)} and ${sayHold(hold)} at the same time` })
      }
      if (last === undefined || hold.until > last.until) last = hold
    }
    return found
  })

/** One counter of the cluster: no two grants share a token, whatever their locks. */
const repeatedTokens = (all: ReadonlyArray<Hold>): ReadonlyArray<Violation> =>
  [...Map.groupBy(all, ({ token }) => token).values()]
    .filter((same) => same.length > 1)
    .map((same) => ({ rule: "repeated token", message: same.map(sayHold).join(" and ") }))

/** A grant that was asked for after another one was answered has the greater token. */
const fallingTokens = (all: ReadonlyArray<Hold>): ReadonlyArray<Violation> => {
  const answered = all.toSorted((a, b) => a.grant.answeredAt - b.grant.answeredAt)
  const found: Array<Violation> = []
  let position = 0
  let highest: Hold | undefined
  for (const hold of all.toSorted((a, b) => a.grant.sentAt - b.grant.sentAt)) {
    for (let next = answered[position]; next && next.grant.answeredAt < hold.grant.sentAt; next = answered[position]) {
      if (highest === undefined || next.token > highest.token) highest = next
      position += 1
    }
    if (highest !== undefined && hold.token < highest.token) {
      found.push({ rule: "falling token", message: `${sayHold(hold)} came after ${sayHold(highest)}` })
    }
  }
  return found
}

/** What is certainly held is shown as held, and can be released. */
const lostGrants = (history: History, all: ReadonlyArray<Hold>): ReadonlyArray<Violation> => {
  const byToken = new Map(all.map((hold) => [hold.token, hold]))
  return history.flatMap((op) => {
    const hold = byToken.get(op.token ?? -1)
    if (hold === undefined || op.sentAt < hold.from) return []
    const wasShownAsLost = op.kind === "check" && op.answer === "invalid" && op.answeredAt < hold.until
    const couldNotRelease = op.kind === "release" && op.answer === "not-holder" && op.answeredAt < hold.leaseUntil
    return wasShownAsLost || couldNotRelease
      ? [{ rule: "lost grant", message: `${sayHold(hold)}, yet ${sayOp(op)}` }]
      : []
  })
}

/** What was released stays released. */
const undoneReleases = (history: History, all: ReadonlyArray<Hold>): ReadonlyArray<Violation> => {
  const releasedAt = new Map(all.map(({ released, token }) => [token, released?.answeredAt ?? Infinity]))
  return history
    .filter((op) =>
      op.kind === "check" && op.answer === "ok" && op.sentAt > (releasedAt.get(op.token ?? -1) ?? Infinity)
    )
    .map((op) => ({ rule: "lost release", message: `${sayOp(op)} after its release had been answered` }))
}

/** A session does not end while an acknowledged renewal keeps it. */
const lostSessions = (history: History, ttlMillis: number): ReadonlyArray<Violation> => {
  const lives = leases(history, ttlMillis)
  return history
    .filter(({ answer, answeredAt, session }) =>
      answer === "session-expired" && answeredAt < (lives.get(session) ?? -Infinity)
    )
    .map((op) => ({
      rule: "lost session",
      message: `${sayOp(op)}; it was renewed until ${time(lives.get(op.session))}`
    }))
}

const badAnswers = (history: History): ReadonlyArray<Violation> =>
  history
    .filter(({ answer }) => answer === "unanswered" || answer === "unexpected")
    .map((op) => ({
      rule: `${op.answer} request`,
      message: `${sayOp(op)}: ${op.detail ?? `sent ${op.attempts} times`}`
    }))

const grantsPerMinuteMin = 100

/** A history in which hardly anything happened shows nothing, however clean it is. */
export const hollow = (history: History, minutes: number): ReadonlyArray<Violation> => {
  const grants = history.filter(({ answer, kind }) => kind === "acquire" && answer === "ok").length
  const least = Math.ceil(grantsPerMinuteMin * minutes)
  return grants >= least ? [] : [{ rule: "hollow run", message: `${grants} grants, and ${least} are the least` }]
}

const time = (millis: number | undefined): string => `${((millis ?? Number.NaN) / 1_000).toFixed(3)} s`

const sayHold = ({ from, grant, lock, token, until }: Hold): string =>
  `${grant.client} held ${lock} with token ${token} from ${time(from)} to ${time(until)}`

const sayOp = ({ answer, answeredAt, client, kind, lock, sentAt, session, token }: Op): string =>
  `${client}'s ${kind} of ${lock ?? `session ${session}`}${token === null ? "" : ` with token ${token}`}, ` +
  `sent at ${time(sentAt)}, was answered ${answer} at ${time(answeredAt)}`
