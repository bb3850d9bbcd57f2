/**
 * Bugs in the rules of locks, sessions and retries. The specification says otherwise, or a client notices.
 */
import type { Mutant } from "../Mutant.ts"

export const lockMutants: ReadonlyArray<Mutant> = [
  {
    name: "a session ends without its waiters",
    file: "lock/LockState.ts",
    from: "claim !== undefined; claim = session.firstClaim) {\n      if (claim.phase",
    to: "claim !== undefined; claim = claim.nextOfSession) {\n      if (claim.phase === \"waiting\") continue\n" +
      "      if (claim.phase"
  },
  {
    name: "a lease ends one tick of the clock early",
    file: "lock/LockState.ts",
    from: "this.time + session.ttlMillis)",
    to: "this.time + session.ttlMillis - 1)"
  },
  {
    name: "a lease ends within the millisecond of its deadline",
    file: "lock/LockTable.ts",
    from: "due.deadline < state.time",
    to: "due.deadline <= state.time"
  },
  {
    name: "a lease outlasts its deadline by the entry that comes after it",
    file: "lock/LockTable.ts",
    from: "due.deadline < state.time",
    to: "due.deadline < state.time - 1"
  },
  {
    name: "a renewal does not move the deadline",
    file: "lock/LockTable.ts",
    from: "  state.restartTtl(living)\n",
    to: ""
  },
  {
    name: "a renewal raises what has expired",
    file: "lock/LockTable.ts",
    from: "  if (living === undefined) return state.reply(request, { _tag: \"SessionExpired\" })\n" +
      "  state.restartTtl(living)\n" +
      "  state.reply(request, { _tag: \"SessionRenewed\", ...lease(living, state.time) })",
    to: "  const raised = living ?? state.openSession(session, 1_000, \"\")\n  state.restartTtl(raised)\n" +
      "  state.reply(request, { _tag: \"SessionRenewed\", ...lease(raised, state.time) })"
  },
  {
    name: "a release goes by the name of the lock",
    file: "lock/ReleaseRules.ts",
    from: "const isTheirs = holder?.session === session && (owner === undefined || holder.owner === owner)",
    to: "const isTheirs = holder !== undefined"
  },
  {
    name: "a release frees whoever holds the lock now",
    file: "lock/ReleaseRules.ts",
    from: "const holder = state.locks.get(lock)?.findHolder(token)\n" +
      "  const isTheirs = holder?.session === session && (owner === undefined || holder.owner === owner)",
    to: "const first = state.locks.get(lock)?.first\n  const holder = first?.phase === \"held\" ? first : undefined\n" +
      "  const isTheirs = holder !== undefined"
  },
  {
    name: "a release wakes nobody",
    file: "lock/LockState.ts",
    from: "    this.deadlines.cancel(claim)\n    this.#left.push(claim.lock)",
    to: "    this.deadlines.cancel(claim)\n    if (claim.lock.isIdle) this.#left.push(claim.lock)"
  },
  {
    name: "the last of a queue is served first",
    file: "lock/Lock.ts",
    from: "    const claim = this.firstWaiting!\n    claim.phase",
    to: "    let claim = this.firstWaiting!\n    if (this.waiting === 2) claim = claim.next!\n    claim.phase"
  },
  {
    name: "readers pass a writer that waits",
    file: "lock/AcquireRules.ts",
    from: "  state.grantWaiters(claim.lock)\n  if",
    to: "  if (claim.mode === \"shared\" && claim.lock.mode === \"shared\" && claim.lock.firstWaiting !== claim) {\n" +
      "    const before = claim.lock.firstWaiting\n    claim.lock.firstWaiting = claim\n" +
      "    state.grantWaiters(claim.lock)\n" +
      "    claim.lock.firstWaiting = before\n  } else state.grantWaiters(claim.lock)\n  if"
  },
  {
    name: "a reader and a writer hold a lock together",
    file: "lock/Lock.ts",
    from: "return this.mode === mode && (mode === \"shared\" || this.taken < this.permits)",
    to: "return mode === \"shared\" || this.taken < this.permits"
  },
  {
    name: "a semaphore has one permit more than its limit",
    file: "lock/Lock.ts",
    from: "this.taken < this.permits)",
    to: "this.taken < this.permits + (this.permits > 1 ? 1 : 0))"
  },
  {
    name: "two grants of one entry have the same token",
    file: "lock/LockState.ts",
    from: "    this.lastToken++\n",
    to: "    if (lock.lastToken !== this.lastToken || this.lastToken === 0) this.lastToken++\n"
  },
  {
    name: "a lock-delay is left out",
    file: "lock/LockState.ts",
    from: "if (claim.lockDelayMillis <= 0) return",
    to: "if (claim.lockDelayMillis >= 0) return"
  },
  {
    name: "a lock-delay follows a clean end as well",
    file: "lock/LockState.ts",
    from: "claim.phase === \"held\" && how === \"expired\"",
    to: "claim.phase === \"held\" && how !== undefined"
  },
  {
    name: "a hold has no end of its own",
    file: "lock/LockState.ts",
    from: "if (claim.maxHoldMillis === undefined) this",
    to: "if (claim.maxHoldMillis !== -1) this"
  },
  {
    name: "a wait that has timed out keeps its place",
    file: "lock/LockTable.ts",
    from: "      return state.leave(claim, \"WaitTimedOut\")",
    to: "      return state.deadlines.cancel(claim)"
  },
  {
    name: "a retry goes to the end of the queue",
    file: "lock/AcquireRules.ts",
    from: "  if (claim !== undefined) return retry(state, claim, command)\n  enter",
    to: "  if (claim?.phase === \"waiting\" && claim.next !== undefined) state.abandon(claim, claim.attempt)\n" +
      "  else if (claim !== undefined) return retry(state, claim, command)\n  enter"
  },
  {
    name: "the outcome of a request is forgotten",
    file: "lock/RequestMemory.ts",
    from: "return this.#outcomes.get(seq) ?? (this",
    to: "return (this"
  },
  {
    name: "a request that was done with is done again",
    file: "lock/RequestMemory.ts",
    from: "if (seq !== undefined && seq <= Math.max(this.#seqDone, seqDone)) return \"Stale\"",
    to: ""
  },
  {
    name: "a release that was done is refused when it comes again",
    file: "lock/ReleaseRules.ts",
    from: "  const outcome = recalled ?? releaseIn(state, session, command)",
    to: "  const outcome = releaseIn(state, session, { ...command, token: recalled ? -1 as typeof command.token : " +
      "command.token })"
  },
  {
    name: "a hang-up frees a grant that another attempt was told of",
    file: "lock/Claim.ts",
    from: "    if (this.attempt !== attempt) {\n",
    to: "    if (this.attempt !== attempt && this.phase !== \"held\") {\n"
  },
  {
    name: "a hang-up takes nothing back",
    file: "lock/ReleaseRules.ts",
    from: "claim !== undefined && state.abandon(claim, command.attempt)",
    to: "claim !== undefined && command.attempt === \"\" && state.abandon(claim, command.attempt)"
  },
  {
    name: "what expires at one moment is granted in between",
    file: "lock/LockTable.ts",
    from: "    else state.endSession(due, \"expired\")\n",
    to: "    else state.endSession(due, \"expired\")\n    state.wake()\n"
  },
  {
    name: "the earliest deadline is not the first",
    file: "lock/DeadlineHeap.ts",
    from: "    this.#rise(item)\n",
    to: "    if (item.slot > 6) this.#rise(item)\n"
  },
  {
    name: "a new leader's clock goes on from its own",
    file: "node/time/LeaderClock.ts",
    from: "  micros: stampMax * 1000,",
    to: "  micros: Math.max(stampMax, Math.floor(monotonicMillis)) * 1000,"
  },
  {
    name: "a leader's clock runs a tenth too fast",
    file: "node/time/LeaderClock.ts",
    from: "  const step = Math.min(elapsed, stepMillisMax * 1000)",
    to: "  const step = Math.min(Math.floor(elapsed * 1.1), stepMillisMax * 1000)"
  }
]
