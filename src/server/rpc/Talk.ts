/**
 * One conversation of a client with this node: operations are begun as they come, and their outcomes gather here until
 * they are taken, all there are at a time.
 *
 * When it ends, nobody hears of what is still under way, and all of it goes on: a waiter outlives its connection, and a
 * retry by its session finds it.
 */
import { Effect, Redacted } from "effect"
import type { SessionId } from "../../api/Fields.ts"
import type { LockView } from "../../api/Locks.ts"
import { InvalidRequest, Overloaded, type Unavailable } from "../../api/Problems.ts"
import type { Group, Operation, Outcome } from "../../api/rpc/Conversation.ts"
import type { SessionHash } from "../../lock/Identifiers.ts"
import { failed, type SessionOperation } from "../cluster/Performing.ts"
import { hashOf } from "../cluster/SessionIds.ts"
import type { Locks } from "../Locks.ts"
import type { Check } from "./OperationCheck.ts"

/** Acquires of one client that wait here. The rest of what is under way has as much again: it is what ends them. */
const waitingMax = 131_072
const underWayMax = 2 * waitingMax

/** Hashes of the sessions that spoke last: an id is hashed once and not with each batch. */
const hashesMax = 1_024

export interface TalkOptions {
  readonly locks: Locks["Service"]
  readonly check: Check
  /** How long an acquire waits at the most. A client that wants to wait for longer asks again. */
  readonly waitMillisMax: number
  /** Runs it for as long as the node lives. */
  readonly fork: (effect: Effect.Effect<void>) => void
  /** There is something to take, where there was nothing. */
  readonly onTold: () => void
}

export class Talk {
  #outcomes: Array<Outcome> = []
  readonly #options: TalkOptions
  /** What stops the telling of each operation under way. */
  readonly #underWay = new Map<number, () => void>()
  readonly #hashes = new Map<string, SessionHash>()

  constructor(options: TalkOptions) {
    this.#options = options
  }

  operate(groups: ReadonlyArray<Group>): void {
    for (const group of groups) for (const operation of group.operations) this.#perform(group, operation)
  }

  tell(outcome: Outcome): void {
    if (this.#outcomes.push(outcome) === 1) this.#options.onTold()
  }

  /** What has been told since the last time. */
  take(): ReadonlyArray<Outcome> {
    const taken = this.#outcomes
    this.#outcomes = []
    return taken
  }

  /** Nobody listens any more. */
  forget(): void {
    for (const forget of this.#underWay.values()) forget()
    this.#underWay.clear()
  }

  #perform(group: Group, asked: Operation): void {
    const operation = within(asked, this.#options.waitMillisMax)
    const { id } = operation
    const wrong = this.#options.check(operation)
    if (wrong !== null) return this.tell(failed(id, wrong))
    const waits = operation._tag === "Acquire" && operation.waitMs > 0
    if (this.#underWay.size >= (waits ? waitingMax : underWayMax)) return this.tell(failed(id, tooMuch()))
    switch (operation._tag) {
      case "Ping":
        return this.tell({ _tag: "Pong", id })
      case "OpenSession":
      case "Look":
      case "Check":
        return this.#ask(operation)
      default:
        return group.session === undefined ? this.tell(failed(id, noSession)) : this.#inSession(group, operation)
    }
  }

  // What is rare has a fiber each.
  #ask(operation: Asked): void {
    const answer = Effect.match(answerOf(this.#options.locks, operation), {
      onSuccess: (outcome) => outcome,
      onFailure: (problem) => failed(operation.id, problem)
    })
    // It is soon over, whether anybody listens or not.
    this.#underWay.set(operation.id, () => {})
    this.#options.fork(Effect.map(answer, (outcome) => {
      this.#underWay.delete(operation.id)
      this.tell(outcome)
    }))
  }

  #inSession(
    { seqDone, session }: Group,
    operation: SessionOperation
  ): void {
    let isSettled = false
    const inSession = { session: this.#hashOf(session!), seqDone }
    const forget = this.#options.locks.perform(operation, inSession, (outcome) => {
      isSettled = true
      this.#underWay.delete(operation.id)
      this.tell(outcome)
    })
    if (!isSettled) this.#underWay.set(operation.id, forget)
  }

  #hashOf(session: SessionId): SessionHash {
    const id = Redacted.value(session)
    const known = this.#hashes.get(id)
    if (known !== undefined) return known
    if (this.#hashes.size >= hashesMax) this.#hashes.clear()
    const hash = hashOf(session)
    this.#hashes.set(id, hash)
    return hash
  }
}

const within = (operation: Operation, waitMillisMax: number): Operation =>
  operation._tag === "Acquire" && operation.waitMs > waitMillisMax
    ? { ...operation, waitMs: waitMillisMax }
    : operation

type Asked = Extract<Operation, { readonly _tag: "OpenSession" | "Look" | "Check" }>

const answerOf = (locks: Locks["Service"], operation: Asked): Effect.Effect<Outcome, Unavailable> => {
  const { id } = operation
  switch (operation._tag) {
    case "OpenSession": {
      const opened = locks.openSession({ label: operation.label, ttlMs: operation.ttlMs })
      return Effect.map(opened, ({ session }) => ({ _tag: "SessionOpened", id, session }))
    }
    case "Look":
      return Effect.flatMap(
        locks.get(operation.lock, "linearizable"),
        (lock) =>
          isTooLong(lock)
            ? Effect.fail(new Overloaded({ detail: tooLong }))
            : Effect.succeed({ _tag: "Seen", id, lock })
      )
    case "Check":
      return Effect.map(locks.check(operation.lock, operation.token), (valid) => ({ _tag: "Checked", id, valid }))
  }
}

// A client takes a frame of 16 MiB, and UTF-8 has at most three bytes for a UTF-16 unit.
const isTooLong = ({ holders }: LockView): boolean =>
  holders.reduce(
    (length, { label, owner, value = "" }) => length + 64 + label.length + owner.length + value.length,
    0
  ) >
    4 * 1024 * 1024

const tooLong = "So many hold this lock, with such long values, that no answer can carry them."

const tooMuch = () => new Overloaded({ detail: "One connection has so much under way already. Nothing was done." })

const noSession = new InvalidRequest({ field: "session", detail: "`session` is missing, and must be a session id." })
