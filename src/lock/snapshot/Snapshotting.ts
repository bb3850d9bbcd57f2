/**
 * A snapshot of the lock state on its way: read piece by piece, while entries go on being applied.
 *
 * It shows the moment at which it was begun. Whatever is about to change and was not read yet is kept as it was
 * (copy-on-write), record by record: so an entry pays for what it changes and never for the lock or session that this
 * is a part of. The bytes are the same whether nothing changed meanwhile or everything did.
 */
import type { Claim } from "../Claim.ts"
import type { Lock } from "../Lock.ts"
import { OrderedIndex } from "../OrderedIndex.ts"
import type { Session } from "../Session.ts"
import { ByteWriter } from "./ByteWriter.ts"
import { crc32 } from "./Checksum.ts"
import { blockLengthBytes, checksumBytes, type Moment, preamble, writeMoment } from "./Format.ts"
import { type Past, writePast } from "./PastRecord.ts"
import { writeRecord } from "./RecordWriter.ts"

type Record = Session | Lock | Claim

/** A record as it was, kept before it changed. */
interface Copy {
  readonly order: number
  readonly bytes: Uint8Array
}

export class Snapshotting {
  readonly #moment: Moment
  readonly #blockBytes: number
  /** One buffer serves all blocks: memory beside the heap that is asked for again and again has V8 mark in between. */
  readonly #writer = new ByteWriter()
  readonly #copies = new OrderedIndex<number, Copy>((copy) => copy.order, (left, right) => left - right)
  #copyWriter = new ByteWriter()
  /** The oldest living record that was not read yet. */
  #next: Record | undefined
  /** The order of the latest record that was read. */
  #read = 0
  #count = 0
  #checksum = 0
  #areRecordsWritten = false
  readonly #pasts: ReadonlyArray<Past>
  #pastCount = 0
  /** What is left of a block that was too long for a piece. */
  #rest: Uint8Array | undefined = undefined

  constructor(moment: Moment, first: Record | undefined, pasts: ReadonlyArray<Past>, blockBytes: number) {
    this.#moment = moment
    this.#pasts = pasts
    this.#blockBytes = blockBytes
    this.#next = first
    this.#writer.append(preamble)
    this.#writer.skip(blockLengthBytes)
    writeMoment(this.#writer, moment)
  }

  /** Called before a record changes or is removed. */
  keep(record: Record): void {
    if (record.order > this.#moment.created || record.order <= this.#read) return
    // It may go, so nothing here refers to it any more.
    if (record === this.#next) this.#next = record.newer
    if (!this.#copies.has(record.order)) this.#copies.add({ order: record.order, bytes: this.#bytesOf(record) })
  }

  /** The next piece, lent until the one after it is asked for, or null when all were read. */
  next(): Uint8Array | null {
    const rest = this.#rest ?? this.#block()
    if (rest === undefined) return null
    this.#rest = rest.length > pieceBytesMax ? rest.subarray(pieceBytesMax) : undefined
    return rest.subarray(0, pieceBytesMax)
  }

  #block(): Uint8Array | undefined {
    if (this.#isEnded) return undefined
    const isFirst = this.#count === 0 && !this.#areRecordsWritten
    const start = isFirst ? preamble.length : 0
    if (!isFirst) {
      this.#writer.length = 0
      this.#writer.skip(blockLengthBytes)
    }
    do this.#writeNext()
    while (this.#writer.length < this.#blockBytes && !this.#isEnded)
    this.#writer.uint32At(start, this.#writer.length - start - blockLengthBytes)
    this.#checksum = crc32(this.#writer.since(0), this.#checksum)
    this.#writer.skip(checksumBytes)
    this.#writer.uint32At(this.#writer.length - checksumBytes, this.#checksum)
    return this.#writer.since(0)
  }

  get #isEnded(): boolean {
    return this.#areRecordsWritten && this.#pastCount === this.#pasts.length
  }

  #writeNext(): void {
    if (this.#areRecordsWritten) return writePast(this.#writer, this.#pasts[this.#pastCount++]!, this.#moment)
    const copy = this.#copies.first
    const living = this.#living()
    if (copy !== undefined && (living === undefined || copy.order <= living.order)) {
      if (copy.order === living?.order) this.#next = living.newer
      this.#advance(copy.order)
      this.#writer.append(copy.bytes)
      this.#copies.remove(copy.order)
    } else if (living !== undefined) {
      this.#next = living.newer
      this.#advance(living.order)
      writeRecord(this.#writer, living, this.#moment)
    } else this.#end()
  }

  /** Records that are younger than the snapshot are none of its business. */
  #living(): Record | undefined {
    return this.#next !== undefined && this.#next.order <= this.#moment.created ? this.#next : undefined
  }

  #advance(order: number): void {
    this.#writer.number(order - this.#read)
    this.#read = order
    this.#count++
  }

  #end(): void {
    this.#writer.number(0)
    this.#writer.number(this.#count)
    this.#writer.number(this.#pasts.length)
    this.#areRecordsWritten = true
  }

  // Copies lie one behind the other in a buffer, which is let go of when none of them is left.
  #bytesOf(record: Record): Uint8Array {
    if (this.#copyWriter.length > copyBytes) this.#copyWriter = new ByteWriter()
    const start = this.#copyWriter.length
    writeRecord(this.#copyWriter, record, this.#moment)
    return this.#copyWriter.since(start)
  }
}

const copyBytes = 65_536
const pieceBytesMax = 262_144
