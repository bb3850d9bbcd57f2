/**
 * The rules of commands once more, over the arrays of `NaiveTable`.
 *
 * It is the other opinion that `LockTable` is compared with, so it shares nothing with it but the words of commands
 * and replies. It is slow and keeps what it need not; where it and a sentence of the contract differ, it is wrong.
 */
import { RequestId } from "../../../src/lock/Identifiers.ts"
import type { Abandon, Acquire, LockCommand, Release } from "../../../src/lock/LockCommand.ts"
import type { LockReply, Settled } from "../../../src/lock/LockReply.ts"
import { type Claim, latest, limit, NaiveTable, type Session } from "./NaiveTable.ts"

export class NaiveLocks extends NaiveTable {
  apply(time: number, commands: ReadonlyArray<LockCommand>): ReadonlyArray<Settled> {
    this.settled = []
    this.time = Math.max(this.time, time)
    for (let due = this.due(); due !== undefined; due = this.due()) this.expire(due)
    this.grantFreed()
    this.grantHeldBack()
    for (const command of commands) {
      if (command._tag !== "Tick") this.#do(command)
      this.grantFreed()
    }
    return this.settled
  }

  // Commands

  #do(command: Exclude<LockCommand, { _tag: "Tick" }>): void {
    const session = this.living.find((one) => one.opening.session === command.session)
    switch (command._tag) {
      case "OpenSession": {
        const opened = session ?? this.open(command, command.ttlMillis, command.label)
        return this.say(command, { _tag: "SessionOpened", ...this.lease(opened) })
      }
      case "RenewSession":
        if (session === undefined) return this.say(command, { _tag: "SessionExpired" })
        session.ends = this.time + session.ttl
        return this.say(command, { _tag: "SessionRenewed", ...this.lease(session) })
      case "EndSession":
        if (session !== undefined) this.endSession(session, false)
        return this.say(command, { _tag: "SessionEnded" })
      case "Acquire":
        return command.mint === undefined
          ? this.#acquire(command, session)
          : this.#acquireMinting(command, command.mint, session)
      case "Release":
        return this.#release(command, session)
      case "Abandon":
        return this.#abandon(command, session)
    }
  }

  #acquireMinting(command: Acquire, mint: { ttlMillis: number; label: string }, found: Session | undefined): void {
    const joined = found && this.claimOf(found, command)
    if (found !== undefined && (joined === undefined || latest(joined).request !== command.request)) {
      return this.say(command, { _tag: "SessionExpired" })
    }
    const session = found ?? this.open(command, mint.ttlMillis, mint.label)
    this.#acquire(command, session)
    if (!this.live().some((claim) => claim.session === session)) this.endSession(session, false)
  }

  #acquire(command: Acquire, session: Session | undefined): void {
    const boundTo = session?.opening._tag === "Acquire" ? session.opening.lock : command.lock
    if (session === undefined || boundTo !== command.lock) return this.say(command, { _tag: "SessionExpired" })
    const known = this.#recall(command, session)
    if (known === "refused") return
    const claim = this.claimOf(session, command)
    if (known?.outcome !== undefined) {
      if (known.claim?.state === "held" && known.claim.token > 0) return this.#retry(command, known.claim)
      return this.say(command, known.outcome())
    }
    const permits = this.lock(command.lock, this.time).permits
    if (
      this.of(command.lock).length > 0 &&
      (permits !== limit(command) || (claim ?? { asked: command }).asked.mode !== command.mode)
    ) {
      const conflict: LockReply = {
        _tag: "ModeConflict",
        mode: (claim ?? this.of(command.lock)[0]!).asked.mode,
        permits
      }
      if (known === undefined) this.#remember(command, session, { outcome: () => conflict })
      return this.say(command, conflict)
    }
    if (claim !== undefined) return this.#retry(command, claim)
    this.#enter(command, session)
  }

  #enter(command: Acquire, session: Session): void {
    const claim = this.claim(command, session)
    this.#remember(command, session, { claim })
    this.grant(command.lock)
    if (claim.state === "waiting") this.#waitOrLeave(command, claim)
  }

  #retry(command: Acquire, claim: Claim): void {
    const isCopy = latest(claim).request === command.request
    if (isCopy && claim.state === "waiting") return
    if (!isCopy) this.#join(command, claim)
    if (claim.state === "held") this.say(command, this.granted(claim))
    else this.#waitOrLeave(command, claim)
  }

  #join(command: Acquire, claim: Claim): void {
    if (claim.state === "waiting") {
      this.say(latest(claim), { _tag: "Superseded" })
      claim.attempts = [command.request]
      return this.#remember(command, claim.session, { claim })
    }
    claim.attempts = [...claim.attempts.filter((attempt) => attempt !== command.request), command.request]
    if (claim.attempts.length > 9) {
      claim.attempts = [command.request]
      claim.isPinned = true
    }
    this.#remember(command, claim.session, { claim, outcome: () => this.granted(claim) })
  }

  #waitOrLeave(command: Acquire, claim: Claim): void {
    claim.ends = this.time + command.waitMillis
    if (command.waitMillis > 0) return
    this.leave(claim, () => this.lockHeld(command.lock))
    this.grantFreed()
    this.say(command, this.lockHeld(command.lock))
  }

  #release(command: Release, session: Session | undefined): void {
    if (session === undefined) return this.say(command, { _tag: "NotHolder" })
    const known = this.#recall(command, session)
    if (known === "refused") return
    if (known !== undefined) return this.say(command, known.outcome!())
    const isMeant = (claim: Claim) =>
      claim.asked.lock === command.lock && claim.token === command.token && claim.session === session &&
      (command.owner === undefined || command.owner === claim.asked.owner)
    const held = this.claims.find((claim) => isMeant(claim) && claim.state === "held")
    const isReleased = held !== undefined || session.released.slice(-128).some(isMeant)
    const reply: LockReply = { _tag: isReleased ? "Released" : "NotHolder" }
    this.#remember(command, session, { outcome: () => reply })
    this.say(command, reply)
    if (held === undefined) return
    session.released.push(held)
    this.free(held)
  }

  #abandon(command: Abandon, session: Session | undefined): void {
    const claim = session && this.claimOf(session, command)
    const withdrawn = claim !== undefined && this.#takeBack(command.attempt, claim)
    if (withdrawn && claim.state === "waiting") this.say({ request: command.attempt }, { _tag: "Abandoned", withdrawn })
    if (withdrawn) {
      claim.session.requests = claim.session.requests.filter((one) => one.claim !== claim)
      this.withdraw(claim)
    }
    this.say(command, { _tag: "Abandoned", withdrawn })
  }

  /** Whether no attempt is left that waits or may know of the grant. */
  #takeBack(attempt: RequestId, claim: Claim): boolean {
    const others = claim.attempts.filter((one) => one !== attempt)
    if (others.length === claim.attempts.length) return false
    if (others.length === 0 && !claim.isPinned) return true
    claim.attempts = others.length === 0 ? [RequestId.make("")] : others
    return false
  }

  // What a session remembers

  #recall(command: Acquire | Release, session: Session) {
    const refuse = (reply: LockReply) => {
      this.say(command, reply)
      return "refused" as const
    }
    const { seq, seqDone = -1 } = command
    if (seq !== undefined && (seq <= session.seqDone || seq <= seqDone)) return refuse({ _tag: "RequestStale" })
    session.seqDone = Math.max(session.seqDone, seqDone)
    session.requests = session.requests.filter((one) => one.seq > session.seqDone)
    if (seq === undefined) return undefined
    const known = session.requests.find((one) => one.seq === seq)
    if (known !== undefined && meaning(known.request) !== meaning(command)) return refuse({ _tag: "RequestStale" })
    if (known === undefined && session.requests.length >= 4_096) return refuse({ _tag: "TooManyOutcomes" })
    return known
  }

  #remember(request: Acquire | Release, session: Session, what: { claim?: Claim; outcome?: () => LockReply }): void {
    const { seq } = request
    if (seq === undefined) return
    session.requests = session.requests.filter((one) => one.seq !== seq)
    session.requests.push({ seq, request, ...what })
  }
}

/** Two requests with one seq are copies of each other only if they are about the same. */
const meaning = (request: Acquire | Release): string =>
  request._tag === "Acquire"
    ? JSON.stringify(["acquire", request.lock, request.owner])
    : JSON.stringify(["release", request.lock, request.token])
