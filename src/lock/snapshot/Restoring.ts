/**
 * A lock state out of the pieces of a snapshot, each of them a short piece of work.
 *
 * What it builds is nobody's before `finish`, which refuses a snapshot that has no end. After a piece that it could not
 * read it reads no more.
 */
import { LockState } from "../LockState.ts"
import { ByteReader, MalformedSnapshot } from "./ByteReader.ts"
import { crc32 } from "./Checksum.ts"
import {
  blockLengthBytes,
  checksumBytes,
  formatVersion,
  formatVersionMin,
  type Moment,
  preamble,
  readMoment
} from "./Format.ts"
import { readPast } from "./PastRecord.ts"
import { RecordReader } from "./RecordReader.ts"

export class Restoring {
  readonly #state = new LockState()
  #phase: "preamble" | "moment" | "records" | "pasts" | "complete" | "broken" = "preamble"
  /** Bytes whose block is not all here. */
  #unread: Uint8Array = new Uint8Array()
  #records: RecordReader | undefined = undefined
  /** The order of the latest record, and how many there were. */
  #order = 0
  #count = 0
  #checksum = 0
  #version = formatVersion
  #moment: Moment | undefined = undefined
  #pastsLeft = 0

  /** Takes the pieces in order, wherever they were cut. Throws on what it cannot read. */
  add(piece: Uint8Array): void {
    try {
      this.#read(piece)
    } catch (error) {
      this.#phase = "broken"
      throw error
    }
  }

  /** All pieces are there. Lends the state to whoever installs it. */
  finish(): LockState {
    if (this.#phase !== "complete" || this.#unread.length > 0) {
      throw new MalformedSnapshot(this.#phase === "broken" ? "a piece of it could not be read" : "its end is missing")
    }
    return this.#state
  }

  #read(piece: Uint8Array): void {
    if (this.#phase === "broken") throw new MalformedSnapshot("an earlier piece of it could not be read")
    let bytes = this.#unread.length === 0 ? piece : joined(this.#unread, piece)
    if (this.#phase === "preamble") {
      if (bytes.length < preamble.length) return this.#wait(bytes)
      this.#version = versionIn(bytes)
      this.#checksum = crc32(bytes.subarray(0, preamble.length))
      this.#phase = "moment"
      bytes = bytes.subarray(preamble.length)
    }
    this.#wait(this.#readBlocks(bytes))
  }

  // The piece is the caller's, who may use it again.
  #wait(bytes: Uint8Array): void {
    this.#unread = bytes.slice()
  }

  /** Returns what is left behind the last whole block. */
  #readBlocks(bytes: Uint8Array): Uint8Array {
    let rest = bytes
    for (let end = endOfBlock(rest); end <= rest.length - checksumBytes; end = endOfBlock(rest)) {
      this.#verify(rest.subarray(0, end), uint32At(rest, end))
      this.#readBlock(new ByteReader(rest.subarray(blockLengthBytes, end)))
      rest = rest.subarray(end + checksumBytes)
    }
    return rest
  }

  #verify(block: Uint8Array, checksum: number): void {
    this.#checksum = crc32(block, this.#checksum)
    if (this.#checksum !== checksum) throw new MalformedSnapshot("its checksum is wrong")
  }

  #readBlock(block: ByteReader): void {
    if (this.#phase === "complete") throw new MalformedSnapshot("it goes on behind its end")
    if (this.#phase === "moment") this.#begin(block)
    while (!block.isAtEnd && this.#phase === "records") this.#readRecord(block, this.#records!)
    while (!block.isAtEnd && this.#phase === "pasts") this.#readPast(block, this.#moment!)
    if (!block.isAtEnd) throw new MalformedSnapshot("it goes on behind its end")
  }

  #begin(block: ByteReader): void {
    const moment = readMoment(block, this.#version)
    const { created, grantsAfter, historyMax, lastToken, time, wallMillis } = moment
    Object.assign(this.#state, { created, grantsAfter, lastToken, time })
    this.#state.chronicle.heed({ historyMax, wallMillis })
    this.#moment = moment
    this.#records = new RecordReader(this.#state, moment, this.#version)
    this.#phase = "records"
  }

  #readRecord(block: ByteReader, records: RecordReader): void {
    const distance = block.count()
    if (distance === 0) return this.#end(block, records)
    this.#order += distance
    if (this.#order > this.#state.created) throw new MalformedSnapshot("a record that is younger than the snapshot")
    records.read(block, this.#order)
    this.#count++
  }

  #end(block: ByteReader, records: RecordReader): void {
    const count = block.count()
    if (count !== this.#count) throw new MalformedSnapshot(`${this.#count} records of ${count}`)
    this.#state.holdBack(records.finish())
    this.#pastsLeft = this.#version === 1 ? 0 : block.count()
    this.#phase = this.#pastsLeft === 0 ? "complete" : "pasts"
  }

  #readPast(block: ByteReader, moment: Moment): void {
    const { holds, name } = readPast(block, moment)
    if (!this.#state.chronicle.history.restore(name, holds)) throw new MalformedSnapshot("the same history twice")
    if (--this.#pastsLeft === 0) this.#phase = "complete"
  }
}

const versionIn = (bytes: Uint8Array): number => {
  const version = bytes[preamble.length - 1]!
  for (let at = 0; at < preamble.length - 1; at++) {
    if (bytes[at] !== preamble[at]) throw new MalformedSnapshot("it does not begin like a snapshot of the lock state")
  }
  if (version >= formatVersionMin && version <= formatVersion) return version
  const known = `${formatVersionMin} to ${formatVersion}`
  throw new MalformedSnapshot(`snapshot format ${version} is unknown to this release, which knows ${known}`)
}

/** Where the checksum of the block at the front is, or will be when it is here. */
const endOfBlock = (bytes: Uint8Array): number => {
  if (bytes.length < blockLengthBytes) return Infinity
  const length = uint32At(bytes, 0)
  if (length > blockBytesMax) throw new MalformedSnapshot(`a block of ${length} bytes`)
  return blockLengthBytes + length
}

const uint32At = (bytes: Uint8Array, at: number): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)

/** Far above what any block has: a session with a full memory of the longest names has a few million. */
const blockBytesMax = 0x1000_0000

const joined = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(left.length + right.length)
  bytes.set(left)
  bytes.set(right, left.length)
  return bytes
}
