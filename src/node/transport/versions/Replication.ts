/**
 * The few messages that nodes exchange for every batch of commands, as bytes of a plain layout: what each turn encodes
 * and decodes should not cost more than what is in it. Everything else that nodes say is left to the schemas. Numbers
 * are eight bytes, big-endian, and no greater than a safe integer; what is not exactly so throws.
 *
 *     AppendEntries   1, term, prevLogIndex, prevLogTerm, leaderCommit, round, count (4 bytes), entries
 *     an entry        term, time, kind (1 byte: 0 Noop, 1 Command), for a command its length (4 bytes) and its bytes
 *     Appended        2, term, matchIndex, round
 */
import type { Entry, LogIndex, Payload, Term } from "../../../raft/Entry.ts"
import type { RaftMessage } from "../../../raft/RaftMessage.ts"
import type { PeerMessage } from "../../peers/PeerMessage.ts"

type AppendEntries = Extract<RaftMessage, { _tag: "AppendEntries" }>
type Appended = Extract<RaftMessage, { _tag: "Appended" }>

const [appendEntriesBytes, appendedBytes, entryBytes, commandBytes] = [45, 25, 17, 4]
const kinds = { appendEntries: 1, appended: 2, noop: 0, command: 1 } as const

/** How many bytes they take, or null if one of them has to be said in another way. */
export const sizeOf = (messages: ReadonlyArray<PeerMessage>): number | null => {
  let size = 0
  for (const message of messages) {
    const more = message._tag === "Raft" ? sizeOfOne(message.message) : null
    if (more === null) return null
    size += more
  }
  return size
}

const sizeOfOne = (message: RaftMessage): number | null => {
  if (message._tag === "Appended") return appendedBytes
  if (message._tag !== "AppendEntries") return null
  let size = appendEntriesBytes
  let index: number = message.prevLogIndex
  for (const entry of message.entries) {
    // Its index is not written: it follows from its place.
    if (entry.payload._tag === "Config" || entry.index !== ++index) return null
    size += entryBytes + (entry.payload._tag === "Command" ? commandBytes + entry.payload.bytes.length : 0)
  }
  return size
}

/** Writes what `sizeOf` has measured into `bytes`, from `start` on. */
export const encode = (messages: ReadonlyArray<PeerMessage>, bytes: Uint8Array, start: number): void => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let at = start
  for (const message of messages) {
    const raft = message._tag === "Raft" ? message.message : null
    if (raft?._tag === "AppendEntries") at = writeAppendEntries(view, bytes, at, raft)
    else if (raft?._tag === "Appended") at = writeAppended(view, at, raft)
  }
}

const writeNatural = (view: DataView, at: number, value: number): void => {
  view.setUint32(at, Math.floor(value / 2 ** 32))
  view.setUint32(at + 4, value >>> 0)
}

const writeAppended = (view: DataView, at: number, { matchIndex, round, term }: Appended): number => {
  view.setUint8(at, kinds.appended)
  writeNatural(view, at + 1, term)
  writeNatural(view, at + 9, matchIndex)
  writeNatural(view, at + 17, round)
  return at + appendedBytes
}

const writeAppendEntries = (view: DataView, bytes: Uint8Array, start: number, message: AppendEntries): number => {
  view.setUint8(start, kinds.appendEntries)
  writeNatural(view, start + 1, message.term)
  writeNatural(view, start + 9, message.prevLogIndex)
  writeNatural(view, start + 17, message.prevLogTerm)
  writeNatural(view, start + 25, message.leaderCommit)
  writeNatural(view, start + 33, message.round)
  view.setUint32(start + 41, message.entries.length)
  let at = start + appendEntriesBytes
  for (const { payload, term, time } of message.entries) {
    writeNatural(view, at, term)
    writeNatural(view, at + 8, time)
    view.setUint8(at + 16, payload._tag === "Command" ? kinds.command : kinds.noop)
    at += entryBytes
    if (payload._tag !== "Command") continue
    view.setUint32(at, payload.bytes.length)
    bytes.set(payload.bytes, at + commandBytes)
    at += commandBytes + payload.bytes.length
  }
  return at
}

/** Reads all that is there from `start` on. */
export const decode = (bytes: Uint8Array, start: number): ReadonlyArray<PeerMessage> => {
  const reader = new Reader(bytes, start)
  const messages: Array<PeerMessage> = []
  while (!reader.isAtEnd) messages.push({ _tag: "Raft", message: readOne(reader) })
  return messages
}

const readOne = (reader: Reader): RaftMessage => {
  switch (reader.byte()) {
    case kinds.appendEntries:
      return readAppendEntries(reader)
    case kinds.appended:
      return {
        _tag: "Appended",
        term: reader.natural() as Term,
        matchIndex: reader.natural() as LogIndex,
        round: reader.natural()
      }
    default:
      throw new Error("no message of replication")
  }
}

const readAppendEntries = (reader: Reader): AppendEntries => {
  const term = reader.natural() as Term
  const prevLogIndex = reader.natural() as LogIndex
  const prevLogTerm = reader.natural() as Term
  const leaderCommit = reader.natural() as LogIndex
  const round = reader.natural()
  const entries: Array<Entry> = []
  for (let left = reader.length(); left > 0; left--) {
    const index = (prevLogIndex + entries.length + 1) as LogIndex
    if (!Number.isSafeInteger(index)) throw new Error("an index is no safe integer")
    entries.push({ index, term: reader.natural() as Term, time: reader.natural(), payload: readPayload(reader) })
  }
  return { _tag: "AppendEntries", term, prevLogIndex, prevLogTerm, entries, leaderCommit, round }
}

const noop: Payload = { _tag: "Noop" }

const readPayload = (reader: Reader): Payload => {
  switch (reader.byte()) {
    case kinds.noop:
      return noop
    case kinds.command:
      return { _tag: "Command", bytes: reader.copy(reader.length()) }
    default:
      throw new Error("no payload of replication")
  }
}

/** Throws at whatever is not there. */
class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at: number

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#at = start
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  byte(): number {
    return this.#view.getUint8(this.#at++)
  }

  length(): number {
    this.#at += 4
    return this.#view.getUint32(this.#at - 4)
  }

  natural(): number {
    const high = this.length()
    if (high >= 2 ** 21) throw new Error("a number is no safe integer")
    return high * 2 ** 32 + this.length()
  }

  /** A copy: what was read may be overwritten, and is much longer than what is kept of it. */
  copy(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.#bytes.length - this.#at) throw new RangeError("bytes are missing")
    this.#at += length
    const copied = new Uint8Array(length)
    copied.set(this.#bytes.subarray(this.#at - length, this.#at))
    return copied
  }
}
