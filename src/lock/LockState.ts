/**
 * The tables of the lock state machine, and the few transitions that all of its rules are made of.
 *
 * Each transition keeps the tables consistent with each other; the rules (AcquireRules, ReleaseRules, LockTable) decide
 * which to make and never touch a record themselves. A lock that a claim has left is not looked at before `wake`: so
 * whatever ends together ends before anyone is granted what it held.
 *
 * A snapshot may be on its way. So every change of a record, and its end, begins with `changing`.
 */
import { Chronicle, isTold } from "./Chronicle.ts"
import { Claim } from "./Claim.ts"
import { CreationList } from "./CreationList.ts"
import { DeadlineHeap, overAt } from "./DeadlineHeap.ts"
import type { FencingToken, LockName, RequestId, SessionHash } from "./Identifiers.ts"
import { Lock } from "./Lock.ts"
import type { Acquire } from "./LockCommand.ts"
import type { EndReason } from "./LockEvent.ts"
import { grantedReply, grantOutcome } from "./LockFacts.ts"
import type { LockReply, Settled } from "./LockReply.ts"
import { OrderedIndex } from "./OrderedIndex.ts"
import type { AcquireOutcome, Numbered, Outcome, Recalled, ReleaseOutcome } from "./RequestMemory.ts"
import { Session } from "./Session.ts"
import { ShardedMap } from "./ShardedMap.ts"
import type { Snapshotting } from "./snapshot/Snapshotting.ts"
import { compareUtf8 } from "./Utf8Order.ts"

export class LockState {
  /** The stamp of the entry that is being applied. */
  time = 0
  lastToken = 0
  /** Sessions, locks and claims made so far: it gives each its `order`. */
  created = 0
  /** Until this time nothing is granted: holders of the cluster whose backup this was may believe that they hold. */
  grantsAfter = 0
  /** What must see each record before it changes. */
  snapshot: Snapshotting | undefined = undefined
  readonly records = new CreationList<Session | Lock | Claim>()
  readonly sessions = new ShardedMap<SessionHash, Session>()
  readonly sessionOrder = new OrderedIndex<number, Session>((session) => session.order, (left, right) => left - right)
  /** Only locks that are not idle. */
  readonly locks = new ShardedMap<LockName, Lock>()
  readonly lockOrder = new OrderedIndex<string, Lock>((lock) => lock.name, compareUtf8)
  /** Locks that are free and yet waited for, because of `grantsAfter`. There are no others of this kind. */
  readonly heldBack = new OrderedIndex<number, Lock>((lock) => lock.order, (left, right) => left - right)
  readonly deadlines = new DeadlineHeap<Session | Claim>()
  readonly chronicle = new Chronicle()
  /** Of all locks together. */
  held = 0
  waiting = 0
  #left: Array<Lock> = []
  #settled: Array<Settled> = []

  reply(request: RequestId, reply: LockReply): void {
    this.#settled.push({ request, reply })
  }

  /** The replies since this was last asked. */
  takeSettled(): ReadonlyArray<Settled> {
    const settled = this.#settled
    this.#settled = []
    return settled
  }

  /** Whoever is about to change a record takes it from here, and its content of before is safe for the snapshot. */
  changing<R extends Session | Lock | Claim>(record: R): R {
    this.snapshot?.keep(record)
    return record
  }

  openSession(hash: SessionHash, ttlMillis: number, label: string, mint?: Acquire): Session {
    const session = new Session(hash, ttlMillis, label, ++this.created, mint)
    this.addSession(session)
    this.restartTtl(session)
    return session
  }

  restartTtl(session: Session): void {
    this.deadlines.schedule(this.changing(session), this.time + session.ttlMillis)
  }

  /** See `RequestMemory`: the first thing that is done with a request. */
  recall(session: Session, request: Numbered): Recalled {
    if (request.seq === undefined && request.seqDone === undefined) return undefined
    return this.changing(session).recall(request)
  }

  /** From now on this is what the `seq`, if there is one, stands for. */
  note(session: Session, seq: number | undefined, what: Claim | Outcome): void {
    if (seq !== undefined) this.changing(session).note(seq, what)
  }

  noteRelease(session: Session, release: ReleaseOutcome): void {
    this.changing(session).noteRelease(release)
  }

  /** Ends a session, once, with all that it holds and waits for. Only expiry brings lock-delays about. */
  endSession(session: Session, how: "closed" | "expired"): void {
    if (!this.sessions.delete(session.hash)) return
    this.records.remove(this.changing(session))
    this.sessionOrder.remove(session.order)
    this.deadlines.cancel(session)
    session.forgetAll()
    for (let claim = session.firstClaim; claim !== undefined; claim = session.firstClaim) {
      if (claim.phase === "waiting") this.reply(claim.attempt, { _tag: "SessionExpired" })
      if (claim.phase === "held" && how === "expired") this.expire(claim, "session-expired")
      else this.end(claim, how === "expired" ? "session-expired" : "session-ended")
    }
  }

  /** Puts a new claim at the end of the lock's queue. To find an idle lock sets its limit. */
  enqueue(session: Session, command: Acquire, permits: number): Claim {
    const lock = this.locks.get(command.lock) ?? this.#newLock(command.lock, permits)
    const claim = new Claim(lock, session, command, ++this.created, this.time)
    this.addClaim(claim)
    this.note(session, command.seq, claim)
    return claim
  }

  /** When its wait ends without a grant. */
  waitUntil(claim: Claim, deadline: number): void {
    const isNew = !isTold(claim)
    this.deadlines.schedule(this.changing(claim), deadline)
    if (isNew) this.chronicle.queued(claim)
  }

  /** A newer attempt joins the claim: in place of one that waits, beside those that were told of the grant. */
  adopt(claim: Claim, command: Acquire): void {
    this.changing(claim).olderSeqs = claim.session.memory?.seqsOf(claim, command.seq)
    claim.seq = command.seq
    if (claim.phase === "waiting") {
      this.reply(claim.attempt, { _tag: "Superseded" })
      claim.attempt = command.request
      this.note(claim.session, command.seq, claim)
    } else {
      claim.tell(command.request)
      this.note(claim.session, command.seq, grantOutcome(claim))
    }
  }

  /** A waiter goes without a grant, and what its requests came to is remembered. */
  leave(claim: Claim, kind: "LockHeld" | "WaitTimedOut"): void {
    this.#settleSeqs(claim, { kind, lock: claim.lock.name, owner: claim.owner })
    this.#withdraw(claim, kind === "LockHeld" ? "withdrawn" : "timeout")
  }

  /**
   * An attempt is taken back because its client hung up. A waiter goes if that is its latest attempt; a grant, if no
   * other attempt was told of it: an older link's may come to the log after the one whose answer the client has, and
   * its end must not free what that client holds. Returns whether the claim is gone, as if it had never been.
   */
  abandon(claim: Claim, attempt: RequestId): boolean {
    if (!this.changing(claim).untell(attempt)) return false
    if (claim.phase === "waiting") this.reply(attempt, { _tag: "Abandoned", withdrawn: true })
    for (const seq of claim.seqs) this.changing(claim.session).unnote(seq)
    this.#withdraw(claim, "withdrawn")
    return true
  }

  /** A grant ends that its client did not give back. */
  expire(claim: Claim, reason: EndReason): void {
    if (claim.lockDelayMillis <= 0) return this.end(claim, reason)
    this.chronicle.ended(claim, reason, this.time)
    const ends = this.time + claim.lockDelayMillis
    claim.lock.delay(this.changing(claim), ends)
    this.#detach(claim)
    this.deadlines.schedule(claim, ends)
  }

  /** A grant or a wait is over, and nothing of it stays. */
  end(claim: Claim, reason: EndReason): void {
    this.chronicle.ended(claim, reason, this.time)
    this.free(claim)
  }

  /** A claim of any phase goes. */
  free(claim: Claim): void {
    this.records.remove(this.changing(claim))
    if (claim.phase !== "delayed") this.#detach(claim)
    claim.lock.remove(claim)
    this.deadlines.cancel(claim)
    this.#left.push(claim.lock)
  }

  /** Grants whatever can be granted now in the locks that something has left, and forgets those that are idle. */
  wake(): void {
    if (this.#left.length === 0) return
    for (const lock of this.#left) {
      this.grantWaiters(lock)
      if (lock.isIdle) this.#removeLock(lock)
    }
    this.#left.length = 0
  }

  /** Grants from the head of the queue for as long as its head can hold the lock: nobody is passed. */
  grantWaiters(lock: Lock): void {
    if (this.time < this.grantsAfter) return
    this.#letGo(lock)
    while (lock.firstWaiting !== undefined && lock.admits(lock.firstWaiting.mode)) this.#grantFirst(lock)
  }

  /** Out of a snapshot: of all locks, in order of their creation, those that wait for `grantsAfter`. */
  holdBack(locks: ReadonlyArray<Lock>): void {
    if (this.grantsAfter === 0) return
    for (const lock of locks) if (lock.taken === 0) this.heldBack.add(lock)
  }

  /** When time alone next changes something. */
  get nextDeadline(): number | undefined {
    const first = this.deadlines.first
    const ends = first && overAt(first.deadline)
    if (this.heldBack.first === undefined) return ends
    return Math.min(ends ?? Infinity, Math.max(this.grantsAfter, this.time + 1))
  }

  #letGo(lock: Lock): void {
    if (this.heldBack.first !== undefined) this.heldBack.remove(lock.order)
  }

  #settleSeqs(claim: Claim, outcome: AcquireOutcome): void {
    for (const seq of claim.seqs) this.note(claim.session, seq, outcome)
  }

  #grantFirst(lock: Lock): void {
    this.lastToken++
    this.changing(lock.firstWaiting!)
    const claim = this.changing(lock).grantFirst(this.lastToken as FencingToken)
    const waitedSince = claim.since
    claim.since = this.time
    this.#count(claim.session, "waiting", -1)
    this.#count(claim.session, "held", 1)
    if (claim.maxHoldMillis === undefined) this.deadlines.cancel(claim)
    else this.deadlines.schedule(claim, this.time + claim.maxHoldMillis)
    // Its client learns of the session only now.
    if (claim.isMinting) this.restartTtl(claim.session)
    this.#settleSeqs(claim, grantOutcome(claim))
    this.reply(claim.attempt, grantedReply(claim, this.time))
    this.chronicle.granted(claim, waitedSince)
  }

  // A session whose id the client will never learn goes with the attempt that made it.
  #withdraw(claim: Claim, reason: EndReason): void {
    this.end(claim, reason)
    if (claim.isMinting) this.endSession(claim.session, "closed")
  }

  #detach(claim: Claim): void {
    this.#count(claim.session, claim.phase === "waiting" ? "waiting" : "held", -1)
    claim.session.detach(claim)
  }

  #count(session: Session, phase: "waiting" | "held", by: 1 | -1): void {
    this[phase] += by
    if (phase === "waiting") session.waits += by
    else session.holds += by
  }

  #newLock(name: LockName, permits: number): Lock {
    const lock = new Lock(name, permits, ++this.created)
    this.addLock(lock)
    if (this.time < this.grantsAfter) this.heldBack.add(lock)
    return lock
  }

  // A lock that several claims have left in one go comes here once for each of them.
  #removeLock(lock: Lock): void {
    if (!this.locks.delete(lock.name)) return
    this.records.remove(this.changing(lock))
    this.lockOrder.remove(lock.name)
    this.#letGo(lock)
  }

  // Into the tables: a record that is new, or comes out of a snapshot.

  addSession(session: Session): void {
    this.records.add(session)
    this.sessions.add(session.hash, session)
    this.sessionOrder.add(session)
  }

  addLock(lock: Lock): void {
    this.records.add(lock)
    this.locks.add(lock.name, lock)
    this.lockOrder.add(lock)
  }

  addClaim(claim: Claim): void {
    this.records.add(claim)
    claim.lock.append(claim)
    if (claim.phase === "delayed") return
    claim.session.attach(claim)
    this.#count(claim.session, claim.phase === "waiting" ? "waiting" : "held", 1)
  }
}
