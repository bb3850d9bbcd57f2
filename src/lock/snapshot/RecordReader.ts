/**
 * Records out of their bytes (see `RecordWriter`), put into the tables one after the other.
 *
 * The bytes were written by this program and guarded by checksums, and yet none is trusted: what refers to a record
 * that is not there, stands where it cannot, or is there twice throws. The tables are nobody's yet.
 */
import { Claim, type Phase } from "../Claim.ts"
import type { FencingToken, LockMode, LockName, RequestId, SessionHash } from "../Identifiers.ts"
import { Lock } from "../Lock.ts"
import type { LockState } from "../LockState.ts"
import type { Outcome, ReleaseOutcome } from "../RequestMemory.ts"
import { Session } from "../Session.ts"
import { type ByteReader, MalformedSnapshot } from "./ByteReader.ts"
import {
  claimFlags,
  type Moment,
  outcomeFlags,
  outcomeKinds,
  outcomeMask,
  phaseMask,
  phases,
  recordKinds,
  sessionFlags
} from "./Format.ts"

export class RecordReader {
  readonly #state: LockState
  readonly #moment: Moment
  readonly #version: number
  // In order of their creation, as they came.
  readonly #sessions: Array<Session> = []
  readonly #locks: Array<Lock> = []
  /** Locks that no claim has come for yet. */
  #idle = 0

  constructor(state: LockState, moment: Moment, version: number) {
    this.#state = state
    this.#moment = moment
    this.#version = version
  }

  read(from: ByteReader, order: number): void {
    const kind = from.byte()
    if (kind === recordKinds.claim) this.#readClaim(from, order)
    else if (kind === recordKinds.lock) this.#readLock(from, order)
    else if (kind === recordKinds.session) this.#readSession(from, order)
    else throw new MalformedSnapshot(`a record of kind ${kind}`)
  }

  /** All records are there. Returns the locks in order of their creation. */
  finish(): ReadonlyArray<Lock> {
    if (this.#idle > 0) throw new MalformedSnapshot(`${this.#idle} locks that nobody holds or waits for`)
    return this.#locks
  }

  #readLock(from: ByteReader, order: number): void {
    const name = from.text() as LockName
    const lock = new Lock(name, from.count(), order)
    const behind = from.count()
    if (behind > 0) lock.lastToken = this.#token(behind - 1)
    this.#state.addLock(lock)
    this.#locks.push(lock)
    if (this.#state.locks.size < this.#locks.length) throw new MalformedSnapshot("the same lock twice")
    this.#idle++
  }

  #readSession(from: ByteReader, order: number): void {
    const flags = from.byte()
    const hash = from.text() as SessionHash
    const label = from.text()
    const ttlMillis = from.number()
    const deadline = this.#time(from.number())
    const mint = flags & sessionFlags.minted
      ? { lock: from.text() as LockName, request: from.text() as RequestId }
      : undefined
    const session = new Session(hash, ttlMillis, label, order, mint)
    this.#state.addSession(session)
    this.#state.deadlines.schedule(session, deadline)
    if (flags & sessionFlags.memory) this.#readMemory(from, session)
    this.#sessions.push(session)
    if (this.#state.sessions.size < this.#sessions.length) throw new MalformedSnapshot("the same session twice")
  }

  #readMemory(from: ByteReader, session: Session): void {
    session.recall({ seqDone: from.count() - 1 })
    for (let left = from.count(); left > 0; left--) session.note(from.count(), readOutcome(from))
    for (let left = from.count(); left > 0; left--) session.noteRelease(readRelease(from))
  }

  #readClaim(from: ByteReader, order: number): void {
    const flags = from.byte()
    const phase = phases[flags & phaseMask]
    if (phase === undefined) throw new MalformedSnapshot("a claim of no phase")
    const lock = this.#lockOf(order - from.count())
    const deadline = flags & claimFlags.deadline ? this.#time(from.number()) : Infinity
    if (phase === "delayed" && deadline === Infinity) throw new MalformedSnapshot("a lock-delay without an end")
    const claim = phase === "delayed"
      ? new Claim(lock, ended, { ...unasked, mode: modeOf(flags) }, order, 0)
      : this.#readAsked(from, lock, order, flags, phase)
    claim.phase = phase
    this.#put(claim, deadline)
  }

  #readAsked(from: ByteReader, lock: Lock, order: number, flags: number, phase: Phase): Claim {
    const token = phase === "held" ? this.#token(from.count()) : undefined
    const session = this.#sessionOf(order - from.count())
    const since = this.#time(-from.number())
    const grantedWall = phase === "held" && this.#version > 1 ? this.#moment.wallMillis - from.number() : 0
    const asked = {
      mode: modeOf(flags),
      owner: from.text(),
      request: from.text() as RequestId,
      lockDelayMillis: from.number(),
      value: flags & claimFlags.value ? from.text() : undefined,
      maxHoldMillis: flags & claimFlags.maxHold ? from.number() : undefined,
      seq: flags & claimFlags.seq ? from.count() : undefined
    }
    const claim = new Claim(lock, session, asked, order, since)
    claim.token = token
    claim.grantedWall = grantedWall
    if (flags & claimFlags.older) readOlder(from, claim)
    return claim
  }

  #put(claim: Claim, deadline: number): void {
    const { lock, phase, session } = claim
    if (phase !== "waiting" && lock.firstWaiting !== undefined) throw new MalformedSnapshot("a grant behind a waiter")
    if (phase !== "waiting" && !lock.admits(claim.mode)) throw new MalformedSnapshot("more grants than the lock has")
    if (phase !== "delayed" && lock.find(session, claim.owner)) throw new MalformedSnapshot("the same claim twice")
    if (lock.isIdle) this.#idle--
    this.#state.addClaim(claim)
    if (deadline !== Infinity) this.#state.deadlines.schedule(claim, deadline)
    if (phase === "delayed") lock.noteDelay(deadline)
    // A `seq` stands for its claim for as long as that waits.
    if (phase === "waiting") { for (const seq of claim.seqs) session.note(seq, claim) }
  }

  // Most claims are on the lock that came right before.
  #lockOf(order: number): Lock {
    const last = this.#locks.at(-1)
    const lock = last?.order === order ? last : withOrder(this.#locks, order)
    if (lock === undefined) throw new MalformedSnapshot("a claim on no lock")
    return lock
  }

  #sessionOf(order: number): Session {
    const session = withOrder(this.#sessions, order)
    if (session === undefined) throw new MalformedSnapshot("a claim of no session")
    return session
  }

  #token(behind: number): FencingToken {
    const token = this.#moment.lastToken - behind
    if (token < 1) throw new MalformedSnapshot(`a token of ${token}`)
    return token as FencingToken
  }

  #time(fromNow: number): number {
    const time = this.#moment.time + fromNow
    if (!Number.isFinite(time)) throw new MalformedSnapshot(`a time of ${time}`)
    return time
  }
}

/** Stands for the session of a lock-delay, which may be gone and is asked for nothing any more. */
const ended = new Session("" as SessionHash, 0, "", 0, undefined)

const unasked = {
  owner: "",
  request: "" as RequestId,
  lockDelayMillis: 0,
  value: undefined,
  maxHoldMillis: undefined,
  seq: undefined
}

const modeOf = (flags: number): LockMode => flags & claimFlags.shared ? "shared" : "exclusive"

const readOlder = (from: ByteReader, claim: Claim): void => {
  claim.olderSeqs = readList(from, () => from.count())
  claim.olderTold = readList(from, () => from.text() as RequestId)
}

/** A list of none and no list are two things. */
const readList = <A>(from: ByteReader, read: () => A): Array<A> | undefined => {
  const header = from.count()
  if (header === 0) return undefined
  const list: Array<A> = []
  for (let left = header - 1; left > 0; left--) list.push(read())
  return list
}

const readOutcome = (from: ByteReader): Outcome => {
  const flags = from.byte()
  const kind = outcomeKinds[flags & outcomeMask]
  const lock = from.text() as LockName
  const owner = flags & outcomeFlags.owner ? from.text() : undefined
  const mode = flags & outcomeFlags.shared ? "shared" : "exclusive"
  if (kind === "Released" || kind === "NotHolder") return { kind, lock, owner, token: from.count() as FencingToken }
  if (kind === undefined || owner === undefined) throw new MalformedSnapshot("an outcome of nothing")
  if (kind === "Granted") return { kind, lock, owner, mode, token: from.count() as FencingToken }
  if (kind === "ModeConflict") return { kind, lock, owner, mode, permits: from.count() }
  return { kind, lock, owner }
}

const readRelease = (from: ByteReader): ReleaseOutcome => {
  const outcome = readOutcome(from)
  if (outcome.kind !== "Released" && outcome.kind !== "NotHolder") throw new MalformedSnapshot("no release")
  return outcome
}

/** The record with this order, in a list that is in order. */
const withOrder = <T extends { readonly order: number }>(records: ReadonlyArray<T>, order: number): T | undefined => {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (records[middle]!.order < order) low = middle + 1
    else high = middle
  }
  return records[low]?.order === order ? records[low] : undefined
}
