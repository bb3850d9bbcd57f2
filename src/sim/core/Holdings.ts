/**
 * Who believes to hold what, by the clients' own reckoning: from when a client hears of its grant until it begins to
 * give it back or its own deadline passes. Two of these that exclude each other never overlap, and of two exclusive
 * ones the later has the greater token. Clients whose clocks run within the stated bound are held to it.
 */
import { broken } from "./World.ts"

export interface Holding {
  readonly client: string
  readonly owner: string
  readonly lock: string
  readonly mode: "exclusive" | "shared"
  readonly permits: number
  readonly token: number
  /** By when it gives up, in real time; renewals move it. */
  readonly until: () => number
  isOver: boolean
}

export class Holdings {
  /** The lock and the token of the latest that began. */
  latest: readonly [string, number] | readonly [undefined, 0] = [undefined, 0]
  readonly #now: () => number
  readonly #isStrict: boolean
  readonly #present = new Map<string, ReadonlyArray<Holding>>()
  readonly #highest = new Map<string, number>()
  readonly #ownerOf = new Map<number, string>()

  constructor(now: () => number, isStrict: boolean) {
    this.#now = now
    this.#isStrict = isStrict
  }

  begin(holding: Holding): void {
    const { client, lock, owner, permits, token } = holding
    const first = this.#ownerOf.get(token) ?? `${client} ${owner}`
    if (first !== `${client} ${owner}`) broken(`token ${token} is given to ${first} and to ${client} ${owner}`)
    this.#ownerOf.set(token, first)
    this.latest = [lock, token]
    if (!this.#isStrict) return
    const others = (this.#present.get(lock) ?? []).filter(({ isOver, until }) => !isOver && until() > this.#now())
    const rival = others.find((other) => !areCompatible(holding, other))
    if (rival) broken(`${client} holds ${lock} (token ${token}) while ${rival.client} does (token ${rival.token})`)
    if (permits > 1 && others.length >= permits) broken(`${lock} has more than ${permits} holders`)
    if (holding.mode === "exclusive" && permits === 1) this.#rises(holding)
    this.#present.set(lock, [...others, holding])
  }

  /** Whoever believes to hold does, by what is committed: no grant ends while its holder may rely on it. */
  expectHeld(isHeld: (lock: string, token: number) => boolean): void {
    if (!this.#isStrict) return
    for (const { client, isOver, lock, token, until } of [...this.#present.values()].flat()) {
      if (isOver || until() <= this.#now() || isHeld(lock, token)) continue
      broken(`the grant of ${lock} with token ${token} has ended, and ${client} still believes in it`)
    }
  }

  #rises({ client, lock, token }: Holding): void {
    const highest = this.#highest.get(lock) ?? 0
    if (token <= highest) broken(`${client} gets ${lock} with token ${token} after token ${highest}`)
    this.#highest.set(lock, token)
  }
}

const areCompatible = (one: Holding, other: Holding): boolean =>
  (one.mode === "shared" && other.mode === "shared") || (one.permits > 1 && other.permits > 1)
