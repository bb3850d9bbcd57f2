/**
 * A node for tests that is a whole cluster by itself: the real lock table, which decides at once what it is asked, by
 * the clock that is there. It never elects, forgets everything with its scope, and has no operators.
 */
import { Clock, Effect, Latch, Layer, Stream } from "effect"
import { RequestId } from "../lock/Identifiers.ts"
import type { LockCommand } from "../lock/LockCommand.ts"
import * as LockQuery from "../lock/LockQuery.ts"
import { makeLockTable } from "../lock/LockTable.ts"
import { EventLog } from "../node/EventLog.ts"
import { RaftNode } from "../node/RaftNode.ts"
import type { Outcome } from "../node/requests/Requests.ts"

const eventsKept = 1_000

const make = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const now = () => Math.floor(Number(clock.monotonicTimeNanosUnsafe()) / 1e6)
  const table = makeLockTable()
  const events = new EventLog(eventsKept, 0)
  const waiting = new Map<string, (outcome: Outcome) => void>()
  const listeners = new Set<() => void>()
  const applied = Latch.makeUnsafe(false)
  let index = 0
  let requests = 0

  const apply = (commands: ReadonlyArray<LockCommand>): void => {
    const settled = table.apply(now(), commands)
    events.add(++index, table.takeEvents())
    events.wake()
    for (const { reply, request } of settled) {
      const settle = waiting.get(request)
      waiting.delete(request)
      settle?.({ reply })
    }
    for (const listener of listeners) listener()
    applied.openUnsafe()
  }
  const nextRequest = Effect.sync(() => RequestId.make(`test/${requests += 1}`))
  const propose: RaftNode["Service"]["propose"] = (commandOf, _, settle) => {
    const command = commandOf(RequestId.make(`test/${requests += 1}`))
    waiting.set(command.request, settle)
    apply([command])
    return () => waiting.delete(command.request)
  }
  const query: RaftNode["Service"]["queryStale"] = (asked) =>
    Effect.sync(() => {
      apply([])
      return LockQuery.answer(table, asked, table.time)
    })
  yield* Effect.forkScoped(tick(applied, () => ({ left: (table.nextDeadline() ?? Infinity) - now(), apply })))
  return RaftNode.of({
    nextRequest,
    propose,
    submit: (command) =>
      Effect.callback((resume) => {
        const forget = propose(() => command, 0, (outcome) => {
          if ("reply" in outcome) resume(Effect.succeed(outcome.reply as never))
        })
        return Effect.sync(forget)
      }),
    onSettled: (listener) => listenTo(listeners, listener),
    query,
    queryStale: query,
    events,
    handOver: Effect.void,
    join: Effect.never,
    status: absent("status"),
    readings: absent("readings"),
    takeSnapshot: absent("snapshots"),
    readSnapshot: () => Stream.unwrap(absent("snapshots")),
    administer: () => absent("operators")
  })
})

const listenTo = (listeners: Set<() => void>, listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

interface Due {
  readonly left: number
  readonly apply: (commands: ReadonlyArray<LockCommand>) => void
}

/** Ends what is due, at its time. */
const tick = (applied: Latch.Latch, due: () => Due): Effect.Effect<never> =>
  Effect.forever(Effect.suspend(() => {
    applied.closeUnsafe()
    const { apply, left } = due()
    const time = left === Infinity ? Effect.never : Effect.sleep(Math.max(1, left))
    return Effect.raceFirst(Effect.andThen(time, Effect.sync(() => apply([]))), applied.await)
  }))

const absent = (what: string) => Effect.die(new Error(`a cluster for tests has no ${what}`))

export const layer = Layer.effect(RaftNode, make)
