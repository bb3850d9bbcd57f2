/**
 * The engine of a client by hand, with the real lock table in the place of a cluster: what is sent is seen, and done,
 * refused, answered or lost, as a test has it and when the test says.
 */
import { Clock, Effect, Queue, Redacted } from "effect"
import { SessionId } from "../../src/api/Fields.ts"
import type { Group, Operation, Outcome, Problem } from "../../src/api/rpc/Conversation.ts"
import type { AcquireError } from "../../src/client/ClientErrors.ts"
import { type AcquireRequest, Acquisition, type Ground } from "../../src/client/engine/Acquisition.ts"
import type { Call } from "../../src/client/engine/Call.ts"
import { Engine } from "../../src/client/engine/Engine.ts"
import type { HeldLock } from "../../src/client/engine/HeldLock.ts"
import { packed } from "../../src/client/engine/Packing.ts"
import { Sessions } from "../../src/client/engine/Sessions.ts"
import { LockName, RequestId } from "../../src/lock/Identifiers.ts"
import { makeLockTable } from "../../src/lock/LockTable.ts"
import type { RaftNode } from "../../src/node/RaftNode.ts"
import { Draining } from "../../src/server/cluster/Draining.ts"
import { makePerform } from "../../src/server/cluster/Performing.ts"
import { hashOf } from "../../src/server/cluster/SessionIds.ts"

/** One operation that has left the client. */
export interface Sent {
  readonly group: Group
  readonly operation: Operation
}

type Propose = RaftNode["Service"]["propose"]

/** Decides at once, by the time that a test lets pass. */
const makeTable = (now: () => number) => {
  const table = makeLockTable()
  const waiting = new Map<string, Parameters<Propose>[2]>()
  let requests = 0
  const apply = (commands: Parameters<typeof table.apply>[1]): void => {
    for (const { reply, request } of table.apply(now(), commands)) {
      const settle = waiting.get(request)
      waiting.delete(request)
      settle?.({ reply })
    }
  }
  const propose: Propose = (commandOf, _, settle) => {
    const command = commandOf(RequestId.make(`test/${requests += 1}`))
    waiting.set(command.request, settle)
    apply([command])
    return () => waiting.delete(command.request)
  }
  return { table, propose, tick: () => apply([]) }
}

const free = { mode: null, permits: 1, holders: [], lockDelayLeftMs: 0, lastToken: null }

/** The operations of a client in the place of a node. */
const makeNode = (now: () => number, tell: (outcome: Outcome) => void) => {
  const { propose, table, tick } = makeTable(now)
  const perform = makePerform({ propose } as unknown as RaftNode["Service"], new Draining())
  let sessions = 0
  const open = (id: number, ttlMillis: number) => {
    const session = SessionId.make(Redacted.make(String(sessions += 1).padEnd(22, "-")))
    propose(
      (request) => ({ _tag: "OpenSession", request, session: hashOf(session), ttlMillis, label: "" }),
      0,
      () => tell({ _tag: "SessionOpened", id, session })
    )
  }
  return {
    table,
    tick,
    perform: ({ group: { seqDone, session }, operation }: Sent): void => {
      switch (operation._tag) {
        case "Ping":
          return tell({ _tag: "Pong", id: operation.id })
        case "OpenSession":
          return open(operation.id, operation.ttlMs)
        case "Look": {
          const { queueLength } = table.lock(LockName.make(operation.lock), now())
          return tell({ _tag: "Seen", id: operation.id, lock: { ...free, name: operation.lock, queueLength } })
        }
        case "Check":
          throw new Error("nobody asks here")
        default:
          perform(operation, { session: hashOf(session!), seqDone }, tell)
          return undefined
      }
    }
  }
}

/** What became of an acquire so far. */
export interface Asked {
  readonly acquisition: Acquisition
  lock: HeldLock | null
  refusal: AcquireError["_tag"] | null
}

const requestOf = (name: string, options: Partial<AcquireRequest>): AcquireRequest => ({
  name,
  ttlMillis: 15_000,
  waitMillis: Infinity,
  owner: null,
  mode: "exclusive",
  permits: 1,
  lockDelayMillis: 0,
  maxHoldMillis: null,
  value: null,
  ...options
})

const ask = (ground: Ground, request: AcquireRequest): Asked => {
  const asked: { -readonly [Key in keyof Asked]: Asked[Key] } = {
    acquisition: undefined as never,
    lock: null,
    refusal: null
  }
  asked.acquisition = new Acquisition(ground, request, {
    granted: (lock) => void (asked.lock = lock),
    refused: ({ _tag }) => void (asked.refusal = _tag)
  })
  return asked
}

/** What sleeps in the client sleeps until the test wakes it, be it early or late by the clock. */
const makeSleepers = () => {
  const wakers: Array<() => void> = []
  const sleep = Effect.callback<void>((resume) => void wakers.push(() => resume(Effect.void)))
  const clock = { ...Effect.runSync(Clock.Clock), sleep: () => sleep } as Clock.Clock
  return {
    fork: (effect: Effect.Effect<void>) => {
      const fiber = Effect.runFork(Effect.provideService(effect, Clock.Clock, clock))
      return () => fiber.interruptUnsafe()
    },
    wake: () => wakers.splice(0).forEach((wake) => wake())
  }
}

export const makeByHand = () => {
  let now = 0
  const outbox = Effect.runSync(Queue.unbounded<Call>())
  const clock = { now: () => now, atLeast: () => now }
  const sleepers = makeSleepers()
  const engine = new Engine({ clock, random: () => 0.5, outbox, onBusy() {}, onNoLeader() {}, onLeader() {} })
  const sessions = new Sessions({ engine, label: "", fork: sleepers.fork })
  const told: Array<Outcome> = []
  const node = makeNode(() => now, (outcome) => told.push(outcome))
  const take = (): ReadonlyArray<Sent> => {
    if (Queue.sizeUnsafe(outbox) === 0) return []
    const calls = engine.sendable(Effect.runSync(Queue.takeAll(outbox)))
    return packed(calls, now).flat().flatMap((group) => group.operations.map((operation) => ({ group, operation })))
  }
  const hear = () => engine.hear(told.splice(0))
  /** Everything is done and heard, and all that follows from it. */
  const settle = () => {
    for (let sent = take(); sent.length > 0 || told.length > 0; sent = take()) {
      sent.forEach(node.perform)
      hear()
    }
  }
  engine.linked()
  return {
    engine,
    /** Begins an acquire, which waits for ever unless it is said otherwise. */
    acquire: (name: string, options: Partial<AcquireRequest> = {}) =>
      ask({ engine, sessions, answerMillis: 10_000 }, requestOf(name, options)),
    close: () => sessions.close(() => {}),
    /** What the client sends now, in its order. */
    take,
    /** The cluster does what was sent. Nobody has heard of it yet. */
    perform: node.perform,
    hear,
    /** What was done and not heard is never heard. */
    lose: () => void (told.length = 0),
    /** The node answers that it was not done. */
    refuse: ({ operation: { id } }: Sent, problem: Problem) => engine.hear([{ _tag: "Failed", id, problem }]),
    settle,
    /** Time passes, and nothing is sent or heard meanwhile. */
    pass: (millis: number) => {
      now += millis
      node.tick()
    },
    /** Time passes while the client and the cluster work. */
    live: (millis: number) => {
      for (const end = now + millis; now < end;) {
        now += 50
        node.tick()
        engine.tend()
        settle()
      }
    },
    /** Timers fire. */
    wake: sleepers.wake,
    /** Who holds a lock, by token. */
    holders: (name: string) => node.table.lock(LockName.make(name), now).holders.map(({ token }) => Number(token)),
    queueLength: (name: string) => node.table.lock(LockName.make(name), now).queueLength
  }
}
