/**
 * One record of the state as bytes: what `RecordReader` makes a record of again.
 *
 * A record is written alike whenever that is done, because all in it is told from the moment of the snapshot: orders,
 * tokens and times as their distance from its own, which makes them short. What follows from other records (lists,
 * counts, indexes, the claim that a `seq` waits with) is left out.
 */
import { Claim } from "../Claim.ts"
import { Lock } from "../Lock.ts"
import type { Outcome, RequestMemory } from "../RequestMemory.ts"
import { Session } from "../Session.ts"
import type { ByteWriter } from "./ByteWriter.ts"
import { claimFlags, type Moment, outcomeFlags, outcomeKinds, phases, recordKinds, sessionFlags } from "./Format.ts"

export const writeRecord = (to: ByteWriter, record: Session | Lock | Claim, moment: Moment): void => {
  if (record instanceof Claim) writeClaim(to, record, moment)
  else if (record instanceof Lock) writeLock(to, record, moment)
  else writeSession(to, record, moment)
}

const writeLock = (to: ByteWriter, { lastToken, name, permits }: Lock, moment: Moment): void => {
  to.byte(recordKinds.lock)
  to.text(name)
  to.number(permits)
  to.number(lastToken === undefined ? 0 : moment.lastToken - lastToken + 1)
}

const writeClaim = (to: ByteWriter, claim: Claim, moment: Moment): void => {
  const flags = flagsOf(claim)
  to.byte(recordKinds.claim)
  to.byte(flags)
  to.number(claim.order - claim.lock.order)
  if (flags & claimFlags.deadline) to.number(claim.deadline - moment.time)
  // Of a lock-delay only its place, its mode and its end are left: its session may be gone.
  if (claim.phase === "delayed") return
  if (claim.phase === "held") to.number(moment.lastToken - claim.token!)
  to.number(claim.order - claim.session.order)
  to.number(moment.time - claim.since)
  if (claim.phase === "held") to.number(moment.wallMillis - claim.grantedWall)
  to.text(claim.owner)
  to.text(claim.attempt)
  to.number(claim.lockDelayMillis)
  if (flags & claimFlags.value) to.text(claim.value!)
  if (flags & claimFlags.maxHold) to.number(claim.maxHoldMillis!)
  if (flags & claimFlags.seq) to.number(claim.seq!)
  if (flags & claimFlags.older) writeOlder(to, claim)
}

const flagsOf = (claim: Claim): number => {
  let flags = phases.indexOf(claim.phase)
  if (claim.mode === "shared") flags |= claimFlags.shared
  if (claim.deadline !== Infinity) flags |= claimFlags.deadline
  if (claim.phase === "delayed") return flags
  if (claim.value !== undefined) flags |= claimFlags.value
  // A grant has taken its maxHold as its deadline.
  if (claim.maxHoldMillis !== undefined && claim.phase === "waiting") flags |= claimFlags.maxHold
  if (claim.seq !== undefined) flags |= claimFlags.seq
  if (claim.olderSeqs !== undefined || claim.olderTold !== undefined) flags |= claimFlags.older
  return flags
}

const writeOlder = (to: ByteWriter, { olderSeqs, olderTold }: Claim): void => {
  to.number(olderSeqs === undefined ? 0 : olderSeqs.length + 1)
  for (const seq of olderSeqs ?? []) to.number(seq)
  to.number(olderTold === undefined ? 0 : olderTold.length + 1)
  for (const attempt of olderTold ?? []) to.text(attempt)
}

const writeSession = (to: ByteWriter, session: Session, moment: Moment): void => {
  const { boundTo, mintedBy } = session
  const isMinted = boundTo !== undefined && mintedBy !== undefined
  to.byte(recordKinds.session)
  to.byte((isMinted ? sessionFlags.minted : 0) | (session.memory === undefined ? 0 : sessionFlags.memory))
  to.text(session.hash)
  to.text(session.label)
  to.number(session.ttlMillis)
  to.number(session.deadline - moment.time)
  if (isMinted) {
    to.text(boundTo)
    to.text(mintedBy)
  }
  if (session.memory !== undefined) writeMemory(to, session.memory)
}

const writeMemory = (to: ByteWriter, memory: RequestMemory): void => {
  const { outcomes, releases, seqDone } = memory.contents()
  const settled = outcomes.filter((entry): entry is [number, Outcome] => !(entry[1] instanceof Claim))
  to.number(seqDone + 1)
  to.number(settled.length)
  for (const [seq, outcome] of settled) {
    to.number(seq)
    writeOutcome(to, outcome)
  }
  to.number(releases.length)
  for (const release of releases) writeOutcome(to, release)
}

const writeOutcome = (to: ByteWriter, outcome: Outcome): void => {
  const { kind, lock, owner } = outcome
  const isShared = "mode" in outcome && outcome.mode === "shared"
  const flags = (isShared ? outcomeFlags.shared : 0) | (owner === undefined ? 0 : outcomeFlags.owner)
  to.byte(outcomeKinds.indexOf(kind) | flags)
  to.text(lock)
  if (owner !== undefined) to.text(owner)
  if ("token" in outcome) to.number(outcome.token)
  if ("permits" in outcome) to.number(outcome.permits)
}
