/**
 * Ten thousand clients that hold all locks of a table, and pass them on: each entry has eight locks given back and
 * taken by the next client, and four renewals.
 */
import { FencingToken, LockName, RequestId, SessionHash } from "../../src/lock/Identifiers.ts"
import type { LockCommand } from "../../src/lock/LockCommand.ts"
import type { LockTable } from "../../src/lock/LockTable.ts"

export class Clients {
  readonly table: LockTable
  readonly #locks: number
  /** Of each lock the client that holds it and the token. */
  readonly #holders: Array<{ readonly client: number; readonly token: FencingToken }> = []
  #requests = 0

  constructor(table: LockTable, locks: number) {
    this.table = table
    this.#locks = locks
    for (let at = 0; at < clients; at += batch) this.#apply(numbers(at, clients).map(opening))
    for (let at = 0; at < locks; at += batch) this.#take(numbers(at, locks).map((lock) => [lock, lock % clients]))
  }

  /** The next entry. */
  enter(): void {
    const passed = Array.from({ length: 8 }, () => this.#somewhere())
    const releases = passed.map((lock) => this.#release(lock))
    const renewals = Array.from({ length: 4 }, () => this.#renewal(this.#somewhere() % clients))
    this.#apply([...renewals, ...releases])
    this.#take(passed.map((lock) => [lock, (this.#holders[lock]!.client + 1) % clients]))
  }

  // Spreads whole numbers over all locks, the same in every run.
  #somewhere(): number {
    return (Math.imul(++this.#requests, 2_654_435_761) >>> 0) % this.#locks
  }

  #take(takings: ReadonlyArray<readonly [lock: number, client: number]>): void {
    const settled = this.#apply(takings.map(([lock, client]) => this.#acquire(lock, client)))
    for (const [at, [lock, client]] of takings.entries()) {
      const reply = settled[at]?.reply
      if (reply?._tag === "Granted") this.#holders[lock] = { client, token: reply.token }
    }
  }

  #apply(commands: ReadonlyArray<LockCommand>) {
    return this.table.apply(1, commands)
  }

  #acquire(lock: number, client: number): LockCommand {
    const asked = { mode: "exclusive", permits: 1, waitMillis: 0, lockDelayMillis: 0 } as const
    const who = { request: this.#request(), session: sessions[client]!, owner: String(lock) }
    return { _tag: "Acquire", lock: nameOf(lock), ...who, ...asked }
  }

  #release(lock: number): LockCommand {
    const { client, token } = this.#holders[lock]!
    return { _tag: "Release", request: this.#request(), lock: nameOf(lock), session: sessions[client]!, token }
  }

  #renewal(client: number): LockCommand {
    return { _tag: "RenewSession", request: this.#request(), session: sessions[client]! }
  }

  #request(): RequestId {
    return RequestId.make(`node1/3f9a/${++this.#requests}`)
  }
}

const clients = 10_000
const batch = 1_000

const numbers = (from: number, end: number): ReadonlyArray<number> =>
  Array.from({ length: Math.min(batch, end - from) }, (_, i) => from + i)

const nameOf = (lock: number): LockName => LockName.make(`jobs/nightly/${String(lock).padStart(7, "0")}`)

/** As long as the hash of a real one. */
const sessions = Array.from({ length: clients }, (_, client) => SessionHash.make(`session-${client}`.padEnd(43, "x")))

const opening = (client: number): LockCommand => ({
  _tag: "OpenSession",
  request: RequestId.make(`node1/3f9a/open/${client}`),
  session: sessions[client]!,
  ttlMillis: 60_000,
  label: `client ${client}`
})
