/**
 * Numbers and texts as bytes, short and the same on every machine: what `ByteReader` reads.
 *
 * A whole number below 240 is one byte; a longer one is a byte that says how many follow, highest first. Every other
 * number (there are hardly any) is the eight bytes of IEEE 754. A text is its length and its UTF-16 units, in one byte
 * each if they all fit, so that any text comes back as it was.
 */
export class ByteWriter {
  #bytes = new Uint8Array(bytesAtFirst)
  #view = new DataView(this.#bytes.buffer)
  length = 0

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.length++] = value
  }

  /** Four bytes, highest first, at a place that was skipped before. */
  uint32At(at: number, value: number): void {
    this.#view.setUint32(at, value)
  }

  skip(count: number): void {
    this.#reserve(count)
    this.length += count
  }

  number(value: number): void {
    this.#reserve(9)
    if (value < shortMax && value >= 0 && Number.isInteger(value)) {
      this.#bytes[this.length++] = value
    } else if (Number.isSafeInteger(value) && value > 0) this.#long(value)
    else {
      this.#bytes[this.length++] = floatMark
      this.#view.setFloat64(this.length, value)
      this.length += 8
    }
  }

  text(text: string): void {
    const start = this.length
    this.number(text.length * 2)
    this.#reserve(text.length)
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at)
      if (unit > 0xff) return this.#wideText(start, text)
      this.#bytes[this.length++] = unit
    }
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** What was written from `start` on: not a copy, but what is written later leaves it alone, until `take`. */
  since(start: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(start, this.length)
  }

  /** A copy of all that was written; the writer is empty again. */
  take(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.length)
    this.length = 0
    return bytes
  }

  #long(value: number): void {
    const count = value < 0x1_0000_0000 ? bytesOf(value) : 4 + bytesOf(Math.floor(value / 0x1_0000_0000))
    this.#bytes[this.length++] = longMark + count
    let rest = value
    for (let at = this.length + count - 1; at >= this.length; at--) {
      this.#bytes[at] = rest % 0x100
      rest = Math.floor(rest / 0x100)
    }
    this.length += count
  }

  #wideText(start: number, text: string): void {
    this.length = start
    this.number(text.length * 2 + 1)
    this.#reserve(text.length * 2)
    for (let at = 0; at < text.length; at++, this.length += 2) this.#view.setUint16(this.length, text.charCodeAt(at))
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return
    const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + count))
    bytes.set(this.#bytes)
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer)
  }
}

/** From here on a first byte is a mark: how many bytes follow, or that a float does. */
export const shortMax = 240
export const longMark = shortMax - 1
export const floatMark = 0xff

const bytesAtFirst = 16_384

const bytesOf = (value: number): number => value < 0x100 ? 1 : value < 0x1_0000 ? 2 : value < 0x100_0000 ? 3 : 4
