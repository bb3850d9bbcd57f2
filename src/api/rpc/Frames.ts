/**
 * The frames of a conversation: a length in four bytes, big-endian, and so many bytes of a batch. A frame of nothing
 * says that its sender is there, and a node answers it with another.
 *
 * One that is longer than may be is refused as soon as it says so. What is held of one that is not all there is at most
 * about twice what has come.
 */
const lengthBytes = 4

/** For the batch as it is lent: it is copied. */
export const framed = (body: Uint8Array): Uint8Array => {
  const frame = new Uint8Array(lengthBytes + body.length)
  new DataView(frame.buffer).setUint32(0, body.length)
  frame.set(body, lengthBytes)
  return frame
}

const nothing = new Uint8Array(0)

export const empty = framed(nothing)

/** Cuts bodies out of what comes, however it was cut on its way. */
export class Frames {
  readonly #bytesMax: number
  #held: Uint8Array = nothing
  /** Where what is held begins and ends in its memory. */
  #start = 0
  #end = 0
  /** Whether that memory may be written to: a chunk is read where it lies. */
  #isOwn = false

  constructor(options: { readonly bytesMax: number }) {
    this.#bytesMax = options.bytesMax
  }

  /** The bodies that are whole now, each to be read before the next call. Throws on one that is too long. */
  push(chunk: Uint8Array): ReadonlyArray<Uint8Array> {
    this.#append(chunk)
    const bodies: Array<Uint8Array> = []
    while (this.#end - this.#start >= lengthBytes) {
      const length = new DataView(this.#held.buffer, this.#held.byteOffset + this.#start).getUint32(0)
      if (length > this.#bytesMax) throw new Error(`a frame of ${length} bytes is too long`)
      const end = this.#start + lengthBytes + length
      if (end > this.#end) break
      bodies.push(this.#held.subarray(this.#start + lengthBytes, end))
      this.#start = end
    }
    return bodies
  }

  #append(chunk: Uint8Array): void {
    if (this.#start === this.#end) {
      this.#held = chunk
      this.#start = 0
      this.#end = chunk.length
      this.#isOwn = false
      return
    }
    if (!this.#isOwn || this.#end + chunk.length > this.#held.length) this.#move(chunk.length)
    this.#held.set(chunk, this.#end)
    this.#end += chunk.length
  }

  // Doubling keeps the copying linear in what comes, however small the pieces.
  #move(more: number): void {
    const length = this.#end - this.#start
    const roomy = new Uint8Array(2 * (length + more))
    roomy.set(this.#held.subarray(this.#start, this.#end))
    this.#held = roomy
    this.#start = 0
    this.#end = length
    this.#isOwn = true
  }
}
