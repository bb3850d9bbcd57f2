/**
 * One lock that is not idle: what holds it, what waits for it, and its limit.
 *
 * All of its claims stand in one list: those that hold it or keep it in lock-delay, in order of their grants, then the
 * waiters in order of arrival. So a grant moves the border between the two and nothing else, and nobody is passed.
 * Claims are found by (session, owner) and by token in O(1): a short list is walked, a long one has an index.
 * A record: who changes it is `LockState` (see `changing`).
 */
import type { Claim } from "./Claim.ts"
import type { Created } from "./CreationList.ts"
import type { FencingToken, LockMode, LockName, Owner } from "./Identifiers.ts"
import type { Session } from "./Session.ts"

/** Up to this many claims are found by walking the list: most locks have one, and a Map costs more than that. */
const walkedMax = 8

/** What hardly any lock has. */
class Rarities {
  delayed = 0
  delayEnds = 0
  index: Map<FencingToken | string, Claim> | undefined = undefined
}

/** Of most locks. Nobody changes it. */
const noRarities: Readonly<Rarities> = new Rarities()

export class Lock implements Created<Session | Lock | Claim> {
  readonly name: LockName
  /** How many exclusive claims may hold it together, for as long as it is not idle. */
  readonly permits: number
  readonly order: number
  first: Claim | undefined = undefined
  last: Claim | undefined = undefined
  firstWaiting: Claim | undefined = undefined
  /** Claims before `firstWaiting`: held and delayed. */
  taken = 0
  waiting = 0
  lastToken: FencingToken | undefined = undefined
  older: Session | Lock | Claim | undefined = undefined
  newer: Session | Lock | Claim | undefined = undefined
  #rarities: Readonly<Rarities> = noRarities

  constructor(name: LockName, permits: number, order: number) {
    this.name = name
    this.permits = permits
    this.order = order
  }

  get delayed(): number {
    return this.#rarities.delayed
  }

  /** When the last of the running lock-delays ends. None is ever cut short. */
  get delayEnds(): number {
    return this.#rarities.delayEnds
  }

  get isIdle(): boolean {
    return this.first === undefined
  }

  /** The mode of what has taken the lock, which is one and the same for all of it. */
  get mode(): LockMode | undefined {
    return this.taken === 0 ? undefined : this.first!.mode
  }

  /** Whether a claim of this mode can hold the lock beside what has taken it. */
  admits(mode: LockMode): boolean {
    if (this.taken === 0) return true
    return this.mode === mode && (mode === "shared" || this.taken < this.permits)
  }

  /** The claim of this session and owner that waits or holds. */
  find(session: Session, owner: Owner): Claim | undefined {
    const { index } = this.#rarities
    if (index !== undefined) return index.get(ownerKey(session, owner))
    for (let claim = this.first; claim !== undefined; claim = claim.next) {
      if (claim.session === session && claim.owner === owner && claim.phase !== "delayed") return claim
    }
    return undefined
  }

  /** The present holder with this token. */
  findHolder(token: FencingToken): Claim | undefined {
    const { index } = this.#rarities
    if (index !== undefined) return index.get(token)
    for (let claim = this.first; claim !== this.firstWaiting; claim = claim!.next) {
      if (claim!.token === token && claim!.phase === "held") return claim
    }
    return undefined
  }

  /** Puts a claim behind all others: a new one at the end of the queue, or one of any phase out of a snapshot. */
  append(claim: Claim): void {
    claim.previous = this.last
    if (this.last === undefined) this.first = claim
    else this.last.next = claim
    this.last = claim
    if (claim.phase === "waiting") {
      this.firstWaiting ??= claim
      this.waiting++
    } else this.taken++
    const { index } = this.#rarities
    if (index !== undefined) enter(index, claim)
    else if (this.taken + this.waiting > walkedMax) this.#own().index = indexOf(this.first!)
  }

  /** Makes the first waiter a holder. */
  grantFirst(token: FencingToken): Claim {
    const claim = this.firstWaiting!
    claim.phase = "held"
    claim.token = token
    this.firstWaiting = claim.next
    this.waiting--
    this.taken++
    this.lastToken = token
    this.#rarities.index?.set(token, claim)
    return claim
  }

  /** Turns a holder into a lock-delay in its place. */
  delay(claim: Claim, ends: number): void {
    this.#unindex(claim)
    claim.phase = "delayed"
    this.noteDelay(ends)
  }

  /** One more of its claims is a lock-delay. */
  noteDelay(ends: number): void {
    const own = this.#own()
    own.delayed++
    own.delayEnds = Math.max(own.delayEnds, ends)
  }

  /** Takes a claim of any phase out. */
  remove(claim: Claim): void {
    if (claim.phase === "delayed") this.#own().delayed--
    else this.#unindex(claim)
    if (claim.phase === "waiting") this.waiting--
    else this.taken--
    if (this.firstWaiting === claim) this.firstWaiting = claim.next
    this.#unlink(claim)
  }

  #unlink(claim: Claim): void {
    if (claim.previous === undefined) this.first = claim.next
    else claim.previous.next = claim.next
    if (claim.next === undefined) this.last = claim.previous
    else claim.next.previous = claim.previous
    claim.previous = undefined
    claim.next = undefined
  }

  #unindex(claim: Claim): void {
    const { index } = this.#rarities
    if (index === undefined) return
    index.delete(ownerKey(claim.session, claim.owner))
    if (claim.token !== undefined) index.delete(claim.token)
  }

  #own(): Rarities {
    if (this.#rarities === noRarities) this.#rarities = new Rarities()
    return this.#rarities
  }
}

// An order is a number and so has no "/": an owner may hold any character after it.
const ownerKey = (session: Session, owner: Owner): string => `${session.order}/${owner}`

const indexOf = (first: Claim): Map<FencingToken | string, Claim> => {
  const index = new Map<FencingToken | string, Claim>()
  for (let claim: Claim | undefined = first; claim !== undefined; claim = claim.next) enter(index, claim)
  return index
}

const enter = (index: Map<FencingToken | string, Claim>, claim: Claim): void => {
  if (claim.phase === "delayed") return
  index.set(ownerKey(claim.session, claim.owner), claim)
  if (claim.token !== undefined) index.set(claim.token, claim)
}
