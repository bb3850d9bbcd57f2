/**
 * What waits for a follower whose connection is congested, in order. The core bounds what is on its way to a follower;
 * beyond that only heartbeats come, and of those that follow each other the latest says all that the others did.
 *
 * Entries are never dropped for heartbeats: the follower would have to be asked where it stands, over and over.
 */
import { Effect, Queue } from "effect"
import type { RaftMessage } from "../../raft/RaftMessage.ts"

export interface Outbox {
  readonly add: (messages: ReadonlyArray<RaftMessage>) => void
  /** All that has gathered, once something has. */
  readonly take: Effect.Effect<ReadonlyArray<RaftMessage>>
  readonly isEmpty: () => boolean
  readonly shutdown: Effect.Effect<void>
}

export const make = Effect.gen(function*() {
  const bell = yield* Queue.sliding<void>(1)
  let waiting: Array<RaftMessage> = []
  return {
    add: (messages) => {
      for (const message of messages) {
        const last = waiting.at(-1)
        if (last !== undefined && saysAll(message, last)) waiting[waiting.length - 1] = message
        else waiting.push(message)
      }
      Queue.offerUnsafe(bell, undefined)
    },
    take: Effect.map(Queue.take(bell), () => {
      const all = waiting
      waiting = []
      return all
    }),
    isEmpty: () => waiting.length === 0,
    shutdown: Effect.asVoid(Queue.shutdown(bell))
  } satisfies Outbox as Outbox
})

/** A later heartbeat at the same place: its round and its commit index are no lower. */
const saysAll = (later: RaftMessage, before: RaftMessage): boolean =>
  later._tag === "AppendEntries" && before._tag === "AppendEntries" &&
  later.entries.length === 0 && before.entries.length === 0 &&
  later.term === before.term && later.prevLogIndex === before.prevLogIndex
