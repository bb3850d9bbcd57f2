/**
 * The lock table as Raft's state machine: entries in, outcomes out. It joins `raft/` and `lock/`,
 * which know nothing of each other.
 */
import { Context, Layer } from "effect"
import type { Note } from "../lock/Chronicle.ts"
import { type LockCommand, renewalsFirst } from "../lock/LockCommand.ts"
import type { LockEvent } from "../lock/LockEvent.ts"
import * as LockQuery from "../lock/LockQuery.ts"
import type { Settled } from "../lock/LockReply.ts"
import { makeLockTable, restoreLockTable, type SnapshotReader } from "../lock/LockTable.ts"
import type { Totals } from "../lock/LockView.ts"
import type { Entry } from "../raft/Entry.ts"
import * as Codec from "./codec/Codec.ts"

/** What applying an entry did: the requests in it, and those that settled by it, old ones included. */
export interface Applied {
  readonly requests: ReadonlyArray<string>
  readonly settled: ReadonlyArray<Settled>
  /** What became of locks by it. */
  readonly events: ReadonlyArray<LockEvent>
}

/** A state out of a snapshot, which takes the place of the present one when it is complete and not before. */
export interface Restoring {
  /** Takes the pieces in order, wherever they were cut. Throws on what it cannot read. */
  readonly add: (piece: Uint8Array) => void
  /** Swaps the restored state in. Throws if its end has not come, and then all is as it was. */
  readonly install: () => void
}

export class LockStore extends Context.Service<LockStore, {
  /** The payload of an entry for these commands, renewals in front. */
  readonly encode: (commands: ReadonlyArray<LockCommand>, note: Note | undefined) => Uint8Array<ArrayBuffer>
  /** Entries come in order, each once, and only committed ones. */
  readonly apply: (entry: Entry) => Applied
  readonly answer: (query: LockQuery.LockQuery, now: number) => LockQuery.LockAnswer
  /** When, on the replicated clock, an entry would next end something by its stamp alone. */
  readonly nextDeadline: () => number | undefined
  readonly hasSessions: () => boolean
  /** Nothing is granted before the replicated clock has come to a certain time. */
  readonly holdsBack: () => boolean
  readonly totals: () => Totals
  /** Whether an entry with a note has been applied. */
  readonly hasNotes: () => boolean
  /** Begins a snapshot of the state as it is now, however much is applied while it is read. One at a time. */
  readonly snapshot: () => SnapshotReader
  readonly restoring: () => Restoring
}>()("node/LockStore") {
  /** An empty table. The log fills it. */
  static readonly layer = Layer.sync(LockStore, () => {
    let table = makeLockTable()
    // A leader applies what it has just encoded: it need not decode it again.
    const encoded = new WeakMap<Uint8Array, Codec.Batch>()
    const decoded = (bytes: Uint8Array) => {
      const batch = encoded.get(bytes)
      if (batch === undefined) return Codec.batch.decode(bytes)
      // The log keeps the bytes for long, and they would keep the commands.
      encoded.delete(bytes)
      return batch
    }
    return {
      encode: (commands, note) => {
        const batch = { commands: renewalsFirst(commands), note }
        const bytes = Codec.batch.encode(batch)
        encoded.set(bytes, batch)
        return bytes
      },
      apply: ({ payload, time }) => {
        const { commands, note } = payload._tag === "Command" ? decoded(payload.bytes) : nothing
        const settled = table.apply(time, commands, note)
        return { requests: requestsOf(commands), settled, events: table.takeEvents() }
      },
      answer: (query, now) => LockQuery.answer(table, query, now),
      nextDeadline: () => table.nextDeadline(),
      hasSessions: () => table.hasSessions,
      holdsBack: () => table.holdsBack,
      totals: () => table.totals(),
      hasNotes: () => table.hasNotes,
      snapshot: () => table.snapshot(),
      restoring: () => {
        const restoring = restoreLockTable()
        const install = () => {
          table = restoring.finish()
        }
        return { add: restoring.add, install }
      }
    }
  })
}

const nothing: Codec.Batch = { commands: [], note: undefined }

const requestsOf = (commands: ReadonlyArray<LockCommand>): ReadonlyArray<string> => {
  const requests: Array<string> = []
  for (const command of commands) if (command._tag !== "Tick") requests.push(command.request)
  return requests
}
