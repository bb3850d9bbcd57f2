/**
 * Very many sessions of one measurement, and what they hold: opened and filled in batches, several on their way at a
 * time, as fast as the cluster takes them and no faster.
 */
import { Effect } from "effect"
import type { SessionId } from "../../src/api/Fields.ts"
import type { Operation } from "../../src/api/rpc/Conversation.ts"
import type { Talk } from "./Talk.ts"

/** Longer than any measurement: nobody renews them. */
export const endlessMillis = 86_400_000

const numbers = (from: number, until: number): ReadonlyArray<number> =>
  Array.from({ length: Math.max(0, until - from) }, (_, at) => from + at)

/** In batches of so many, each with the numbers from `from` on. */
const inBatches = <A, E, R>(
  count: number,
  size: number,
  work: (numbers: ReadonlyArray<number>) => Effect.Effect<A, E, R>
) =>
  Effect.forEach(
    numbers(0, Math.ceil(count / size)),
    (batch) => work(numbers(batch * size, Math.min(count, (batch + 1) * size))),
    { concurrency: batchesOnTheirWay }
  )

const batchesOnTheirWay = 4

export const open = Effect.fnUntraced(function*(talk: Talk, count: number, ttlMs: number) {
  const opened = yield* inBatches(count, 1000, (some) =>
    talk.ask((id) => [{
      operations: some.map((at) => ({ _tag: "OpenSession", id: id(), ttlMs, label: `client ${at}` }))
    }]))
  return opened.flat().map((answer) => {
    if (answer._tag !== "SessionOpened") throw new Error(`no session, but ${answer._tag}`)
    return answer.session
  })
})

/**
 * Each of them takes as many locks of its own, two or more. What it was told it has heard, and says so with the last:
 * its session remembers one outcome, as that of a client does that takes one lock after the other.
 */
export const hold = (talk: Talk, sessions: ReadonlyArray<SessionId>, locksEach: number) =>
  inBatches(sessions.length, Math.max(1, Math.floor(1000 / locksEach)), (some) =>
    Effect.andThen(
      talk.ask((id) =>
        some.map((at) => ({
          session: sessions[at]!,
          operations: numbers(0, locksEach - 1).map((lock) => acquire(id(), lock + 1, at * locksEach + lock))
        }))
      ),
      talk.ask((id) =>
        some.map((at) => ({
          session: sessions[at]!,
          seqDone: locksEach - 1,
          operations: [acquire(id(), locksEach, (at + 1) * locksEach - 1)]
        }))
      )
    ))

const acquire = (id: number, seq: number, lock: number): Operation => ({
  _tag: "Acquire",
  id,
  seq,
  lock: `jobs/nightly/${String(lock).padStart(7, "0")}`,
  owner: "",
  waitMs: 0
})
