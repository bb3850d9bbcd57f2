/**
 * The whole state of the lock machine as lines of text, one for each record, in an order that only the state decides.
 *
 * Two tables with the same lines answer alike for ever; that is how replicas are compared. What can be computed from
 * the rest (counts, indexes, the heap) is left out. The lines hold hashes of sessions: they are not for users.
 */
import { Claim } from "./Claim.ts"
import type { Lock } from "./Lock.ts"
import type { LockState } from "./LockState.ts"
import type { Session } from "./Session.ts"

export function* lines(state: LockState): Generator<string> {
  const { chronicle: { history, wallMillis }, created, grantsAfter, lastToken, time } = state
  yield line("clock", { time, lastToken, created, grantsAfter, wallMillis, historyMax: history.max })
  for (const session of state.sessionOrder.from(0)) yield line("session", sessionFields(session))
  for (const lock of state.lockOrder.from("")) {
    yield line("lock", lockFields(lock))
    for (let claim = lock.first; claim !== undefined; claim = claim.next) yield line("claim", claimFields(claim))
  }
  for (const past of history.contents()) yield line("past", past)
}

const line = (kind: string, fields: object): string => `${kind} ${JSON.stringify(fields)}`

const sessionFields = ({ boundTo, deadline, hash, label, memory, mintedBy, order, ttlMillis }: Session) => ({
  order,
  hash,
  label,
  ttlMillis,
  deadline,
  boundTo,
  mintedBy,
  ...(memory === undefined ? undefined : memoryFields(memory.contents()))
})

const memoryFields = ({ outcomes, releases, seqDone }: ReturnType<NonNullable<Session["memory"]>["contents"]>) => ({
  seqDone,
  outcomes: outcomes.map(([seq, what]) => [seq, what instanceof Claim ? { claim: what.order } : what]),
  releases
})

const lockFields = ({ lastToken, name, order, permits }: Lock) => ({ order, name, permits, lastToken })

const claimFields = (claim: Claim) => {
  const { mode, order, phase, since, token } = claim
  const deadline = claim.deadline === Infinity ? undefined : claim.deadline
  // Of a lock-delay only its place, its mode and its end are left.
  if (phase === "delayed") return { order, phase, mode, deadline }
  const { attempt, grantedWall, lockDelayMillis, maxHoldMillis, olderSeqs, olderTold, owner, seq, value } = claim
  const asked = { session: claim.session.order, owner, attempt, olderTold, seq, olderSeqs, value, lockDelayMillis }
  // A grant has taken its maxHold as its deadline.
  return {
    order,
    phase,
    mode,
    token,
    since,
    grantedWall,
    deadline,
    ...asked,
    ...(phase === "waiting" ? { maxHoldMillis } : {})
  }
}
