/**
 * The lock table as the state machine of a simulated node, and a hash of all that it has ever answered, which tells two
 * histories apart. An image is the bytes of a real snapshot, read while entries go on being applied.
 */
import type { LockCommand } from "../../lock/LockCommand.ts"
import type { LockReply, Settled } from "../../lock/LockReply.ts"
import { type LockTable, makeLockTable, restoreLockTable } from "../../lock/LockTable.ts"
import type { Entry } from "../../raft/Entry.ts"

/** A snapshot: what it says, and what it must say. */
export interface Image {
  readonly index: number
  readonly hash: number
  readonly digest: string
  readonly pieces: ReadonlyArray<Uint8Array>
}

/** The commands of an entry stay objects: to encode them is the business of the other drive. */
const batches = new WeakMap<Uint8Array, ReadonlyArray<LockCommand>>()

export const encode = (commands: ReadonlyArray<LockCommand>): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(1 + 40 * commands.length)
  batches.set(bytes, commands)
  return bytes
}

export const commandsOf = ({ payload }: Entry): ReadonlyArray<LockCommand> =>
  payload._tag === "Command" ? batches.get(payload.bytes)! : []

export class Machine {
  index = 0
  hash = 0x811c9dc5
  table: LockTable = makeLockTable()

  static restored({ hash, index, pieces }: Image): Machine {
    const restoring = restoreLockTable()
    for (const piece of pieces) restoring.add(piece)
    const machine = new Machine()
    machine.index = index
    machine.hash = hash
    machine.table = restoring.finish()
    return machine
  }

  apply(entry: Entry): ReadonlyArray<Settled> {
    if (entry.index !== this.index + 1) throw new Error(`entry ${entry.index} is applied after ${this.index}`)
    const settled = this.table.apply(entry.time, commandsOf(entry))
    this.table.takeEvents()
    this.index = entry.index
    let hash = mix(mix(this.hash, entry.term), entry.time)
    for (const { reply, request } of settled) hash = mixReply(mixText(hash, request), reply)
    this.hash = hash
    return settled
  }

  /** Begins an image of the state as it is now; its pieces are read by whoever calls what this returns, later. */
  beginImage(): () => Image {
    const { hash, index } = this
    const digest = this.table.digest()
    const reader = this.table.snapshot(256)
    return () => {
      const pieces: Array<Uint8Array> = []
      for (let piece = reader.next(); piece !== null; piece = reader.next()) pieces.push(piece.slice())
      return { index, hash, digest, pieces }
    }
  }
}

const mixReply = (hash: number, reply: LockReply): number => {
  const mixed = mix(hash, reply._tag.length)
  if (reply._tag === "Granted") return mix(mix(mixed, reply.token), reply.expiresInMillis)
  return "expiresInMillis" in reply ? mix(mixed, reply.expiresInMillis) : mixed
}

const mixText = (before: number, text: string): number => {
  let hash = before
  for (let at = 0; at < text.length; at++) hash = mix(hash, text.charCodeAt(at))
  return hash
}

const mix = (hash: number, part: number): number => Math.imul(hash ^ part, 0x01000193) >>> 0
