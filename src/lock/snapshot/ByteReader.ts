/**
 * Reads what `ByteWriter` wrote. Every read is checked: bytes that end too soon or say what no writer says throw a
 * `MalformedSnapshot`, and nothing is ever made up for them.
 */
import { floatMark, longMark, shortMax } from "./ByteWriter.ts"

export class MalformedSnapshot extends Error {
  override readonly name = "MalformedSnapshot"

  constructor(fault: string) {
    super(`the snapshot of the lock state cannot be read: ${fault}`)
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array
  #at: number

  /** Begins at the first byte, or behind some that are known already. */
  constructor(bytes: Uint8Array, from = 0) {
    this.#bytes = bytes
    this.#at = from
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  byte(): number {
    this.#need(1)
    return this.#bytes[this.#at++]!
  }

  number(): number {
    const first = this.byte()
    if (first < shortMax) return first
    if (first === floatMark) return this.#float()
    return this.#long(first - longMark)
  }

  /** A whole number of 0 or more: a count, a length, an order. */
  count(): number {
    const value = this.number()
    if (!Number.isSafeInteger(value) || value < 0) throw new MalformedSnapshot(`${value} where a count should be`)
    return value
  }

  text(): string {
    const header = this.count()
    const length = Math.floor(header / 2)
    return header % 2 === 0 ? this.#narrowText(length) : this.#wideText(length)
  }

  /** So many bytes where they lie, not a copy. */
  bytes(length: number): Uint8Array {
    this.#need(length)
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  #float(): number {
    this.#need(8)
    this.#at += 8
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at - 8, 8).getFloat64(0)
  }

  #long(count: number): number {
    if (count > longBytesMax) throw new MalformedSnapshot(`a number of ${count} bytes`)
    this.#need(count)
    let value = 0
    for (let left = count; left > 0; left--) value = value * 0x100 + this.#bytes[this.#at++]!
    return value
  }

  #narrowText(length: number): string {
    this.#need(length)
    let text = ""
    for (let left = length; left > 0; left -= unitsAtOnce) {
      const units = scratchFor(left)
      for (let at = 0; at < units.length; at++) units[at] = this.#bytes[this.#at++]!
      text += String.fromCharCode.apply(null, units)
    }
    return text
  }

  #wideText(length: number): string {
    this.#need(length * 2)
    let text = ""
    for (let left = length; left > 0; left -= unitsAtOnce) {
      const units = scratchFor(left)
      for (let at = 0; at < units.length; at++, this.#at += 2) {
        units[at] = this.#bytes[this.#at]! << 8 | this.#bytes[this.#at + 1]!
      }
      text += String.fromCharCode.apply(null, units)
    }
    return text
  }

  #need(count: number): void {
    if (this.#at + count > this.#bytes.length) throw new MalformedSnapshot("a record ends before its time")
  }
}

/** 2^53 has seven. */
const longBytesMax = 7

// A text is made of all its units in one go, or it would be kept as a tree of them. The arrays are used again.
const unitsAtOnce = 1_024
const scratch: Array<Array<number> | undefined> = []

const scratchFor = (left: number): Array<number> => {
  const length = Math.min(left, unitsAtOnce)
  return (scratch[length] ??= Array.from({ length }, () => 0))
}
