/**
 * Exactly once: what a session remembers of its requests, and which of them it does not let in.
 *
 * The same `seq` again gets the first outcome. One at or below the highest `seqDone` does nothing, and so does one that
 * means something else. At most 4,096 outcomes are kept; of releases without a `seq`, the last 128.
 */
import type { Claim, Outcome, Remembered, Session } from "./State.ts"
import type { Acquire, Release } from "./Words.ts"

const outcomesMax = 4_096
const releasesMax = 128

/** The first thing that is done with a request: what is known of its `seq`, or why it is not let in. */
export const recall = (
  { memory }: Session,
  asked: Acquire | Release
): Remembered | "RequestStale" | "TooManyOutcomes" | undefined => {
  const { seq, seqDone = -1 } = asked
  if (seq !== undefined && seq <= Math.max(memory.seqDone, seqDone)) return "RequestStale"
  memory.seqDone = Math.max(memory.seqDone, seqDone)
  for (const known of memory.requests.keys()) if (known <= memory.seqDone) memory.requests.delete(known)
  if (seq === undefined) return undefined
  const remembered = memory.requests.get(seq)
  if (remembered !== undefined) return meaning(remembered.asked) === meaning(asked) ? remembered : "RequestStale"
  return memory.requests.size < outcomesMax ? undefined : "TooManyOutcomes"
}

/** Two requests with one `seq` are copies of each other only if they are about the same. */
const meaning = (asked: Acquire | Release): string =>
  JSON.stringify([asked._tag, asked.lock, asked._tag === "Acquire" ? asked.owner : asked.token])

export const remember = ({ memory }: Session, what: Remembered): void => {
  if (what.asked.seq !== undefined) memory.requests.set(what.asked.seq, what)
}

/** Each request that asked for the claim has now this outcome. */
export const tellOutcome = (claim: Claim, outcome: Outcome): void => {
  for (const remembered of claim.session.memory.requests.values()) {
    if (remembered.claim === claim) remembered.outcome = outcome
  }
}

/** An attempt that was taken back leaves no outcome: as if nobody had asked. */
export const forget = (claim: Claim): void => {
  const { requests } = claim.session.memory
  for (const [seq, remembered] of requests) if (remembered.claim === claim) requests.delete(seq)
}

export const rememberRelease = ({ memory }: Session, { asked: { owner }, lock: { name }, token }: Claim): void => {
  memory.released.push({ lock: name, owner, token })
  if (memory.released.length > releasesMax) memory.released.shift()
}

export const hasReleased = ({ memory }: Session, { lock, owner, token }: Release): boolean =>
  memory.released.some((one) =>
    one.lock === lock && one.token === token && (owner === undefined || one.owner === owner)
  )
