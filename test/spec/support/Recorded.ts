/**
 * A history as clients of a sound service would record it: clients that ask one thing after another of a `LockSpec`,
 * each request done at some moment while its client waits for the answer, and some answers lost.
 */
import type { Operation } from "../../../src/spec/history/Operation.ts"
import { LockSpec } from "../../../src/spec/LockSpec.ts"
import type { Command, Reply } from "../../../src/spec/Words.ts"
import { Numbers } from "./Numbers.ts"

export interface Load {
  readonly seed: number
  readonly operations: number
  readonly clients: number
  readonly locks: number
  /** Of the answers, which share is lost. */
  readonly lost: number
}

interface Grant {
  readonly name: string
  readonly owner: string
  readonly token: number
}

interface Client {
  readonly name: string
  readonly session: string
  isNew: boolean
  held: Grant | undefined
  asked: Asked | undefined
  /** When it next does something. */
  at: number
}

interface Asked {
  readonly operation: Omit<Operation, "result" | "end">
  readonly command: Command
  isSent: boolean
}

const ttlMillis = 400

export const recorded = (load: Load): ReadonlyArray<Operation> => new Recorder(load).run()

class Recorder {
  readonly #load: Load
  readonly #numbers: Numbers
  readonly #spec = new LockSpec()
  readonly #clients: Array<Client> = []
  readonly #waiting = new Map<string, Client>()
  readonly #history: Array<Operation> = []
  #requests = 0

  constructor(load: Load) {
    this.#load = load
    this.#numbers = new Numbers(load.seed)
    for (let at = 0; at < load.clients; at++) this.#arrive(at)
  }

  run(): ReadonlyArray<Operation> {
    while (this.#history.length < this.#load.operations) {
      const client = this.#clients.reduce((first, one) => one.at < first.at ? one : first)
      const tick = this.#spec.nextDeadline() ?? Infinity
      if (tick <= client.at) this.#apply(tick, [])
      else this.#act(client)
    }
    return this.#history
  }

  #arrive(at: number, now = 0): void {
    const name = `c${this.#requests++}`
    const session = `session of ${name}`
    this.#clients[at] = {
      name,
      session,
      isNew: true,
      held: undefined,
      asked: undefined,
      at: now + this.#numbers.next()
    }
  }

  #act(client: Client): void {
    if (client.asked === undefined) return this.#ask(client)
    const time = client.at
    client.asked.isSent = true
    client.at = Infinity
    this.#apply(time, [client.asked.command])
  }

  #ask(client: Client): void {
    const { name: label, session } = client
    const open = { _tag: "OpenSession", request: `open ${label}`, session, ttlMillis, label } as const
    if (client.isNew) this.#apply(client.at, [open])
    client.isNew = false
    const request = `r${this.#requests++}`
    client.asked = { ...this.#draw(client, request), isSent: false }
    this.#waiting.set(request, client)
    client.at += this.#numbers.next() * 2
  }

  #draw({ at, held, name: client, session }: Client, request: string): Omit<Asked, "isSent"> {
    const start = Math.round(at * 1e6)
    const name = held?.name ?? `lock ${this.#numbers.below(this.#load.locks)}`
    const operation = { client, name, start, owner: held?.owner ?? request, token: held?.token ?? null }
    if (held === undefined && this.#numbers.isWithin(0.2)) {
      return { operation: { ...operation, op: "get", owner: "" }, command: { _tag: "Tick" } }
    }
    if (held === undefined) {
      const waitMs = this.#numbers.oneOf([0, 0, 20, 100])
      const asked = { lock: name, session, owner: request, mode: "exclusive", permits: 1, lockDelayMillis: 0 } as const
      return {
        operation: { ...operation, op: "acquire", waitMs },
        command: { _tag: "Acquire", request, ...asked, waitMillis: waitMs }
      }
    }
    return this.#numbers.isWithin(0.4)
      ? { operation: { ...operation, op: "renew" }, command: { _tag: "RenewSession", request, session } }
      : {
        operation: { ...operation, op: "release" },
        command: { _tag: "Release", request, lock: name, session, token: held.token }
      }
  }

  #apply(time: number, commands: ReadonlyArray<Command>): void {
    for (const { reply, request } of this.#spec.apply(Math.floor(time), commands)) this.#answer(request, reply, time)
    // A read has no reply of its own: it is done at this moment.
    for (const client of this.#clients) {
      if (client?.asked?.operation.op === "get" && client.asked.isSent) this.#look(client, client.asked, time)
    }
  }

  #look(client: Client, { operation }: Asked, time: number): void {
    const [holder] = this.#spec.lock(operation.name).holders
    this.#record(client, { ...operation, owner: holder?.owner ?? "", token: holder?.token ?? null }, "ok", time)
  }

  #answer(request: string, reply: Reply, time: number): void {
    const client = this.#waiting.get(request)
    this.#waiting.delete(request)
    if (client?.asked === undefined) return
    const { operation } = client.asked
    if (reply._tag === "Granted") {
      client.held = { name: operation.name, owner: operation.owner, token: reply.token }
      const granted = { ...operation, token: reply.token, leaseMs: reply.expiresInMillis }
      return this.#record(client, granted, "ok", time)
    }
    if (reply._tag === "SessionRenewed") {
      return this.#record(client, { ...operation, leaseMs: reply.expiresInMillis }, "ok", time)
    }
    if (operation.op !== "renew") client.held = undefined
    if (reply._tag === "LockHeld" || reply._tag === "WaitTimedOut") return this.#record(client, operation, "held", time)
    if (reply._tag === "Released") return this.#record(client, operation, "ok", time)
    this.#record(client, operation, operation.op === "acquire" ? "fail" : "not_holder", time, true)
  }

  #record(
    client: Client,
    operation: Asked["operation"],
    result: Operation["result"],
    time: number,
    isGone = false
  ): void {
    const end = Math.round((time + this.#numbers.next()) * 1e6)
    const isLost = this.#numbers.isWithin(this.#load.lost)
    const { leaseMs: _, ...told } = operation
    this.#history.push(
      isLost
        ? { ...told, token: operation.op === "acquire" ? null : operation.token, result: "unknown", end }
        : { ...operation, result, end }
    )
    client.asked = undefined
    client.at = end / 1e6 + this.#numbers.next() * 5
    // Some clients stand still for longer than their leases last; who has lost an answer starts anew.
    if (client.held !== undefined && this.#numbers.isWithin(0.02)) client.at += 2 * ttlMillis
    if (isLost || isGone) this.#arrive(this.#clients.indexOf(client), client.at)
  }
}
