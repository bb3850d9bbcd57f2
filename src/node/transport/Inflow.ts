/**
 * The bytes that have arrived on a connection and are not yet a whole frame. It cuts frames out of
 * chunks of any size, one at a time. What it holds is at most about twice what has arrived, whatever
 * length a frame claims; it never looks past the frame that it is asked for.
 */
import { Result } from "effect"
import { ConnectionEnded } from "./ConnectionEnded.ts"
import { bodyLength, decodeFrame, type Frame, frameHeaderBytes } from "./Frame.ts"
import { decodePreamble, mayBePreamble, preambleBytes, type Versions } from "./Preamble.ts"
import type { Version } from "./versions/Version.ts"

/** What is at the head of the bytes, or null as long as it is not all there. */
type Head<A> = Result.Result<A | null, ConnectionEnded>

export interface Inflow {
  readonly push: (chunk: Uint8Array) => void
  readonly preamble: () => Head<Versions>
  /** A frame whose body is longer than `bodyBytesMax` is refused as soon as it says so. */
  readonly frame: (bodyBytesMax: number, version: Version) => Head<Frame>
  /** Whether nothing is left over: the only time at which a connection may close. */
  readonly isEmpty: () => boolean
}

export const makeInflow = (): Inflow => {
  let held: Held = empty
  const take = (length: number): Uint8Array => {
    const taken = held.bytes.subarray(held.start, held.start + length)
    const start = held.start + length
    held = start === held.end ? empty : { ...held, start }
    return taken
  }
  const waiting = () => held.bytes.subarray(held.start, held.end)
  return {
    push: (chunk) => {
      held = append(held, chunk)
    },
    preamble: () => {
      const bytes = waiting()
      if (!mayBePreamble(bytes)) return Result.fail(new ConnectionEnded({ reason: "not-holdfast" }))
      return bytes.length < preambleBytes ? incomplete : decodePreamble(take(preambleBytes))
    },
    frame: (bodyBytesMax, version) => {
      const bytes = waiting()
      if (bytes.length < frameHeaderBytes) return incomplete
      const length = bodyLength(bytes)
      if (length > bodyBytesMax) return Result.fail(new ConnectionEnded({ reason: "too-long" }))
      const frameBytes = frameHeaderBytes + length
      return bytes.length < frameBytes ? incomplete : decodeFrame(take(frameBytes), version)
    },
    isEmpty: () => held.start === held.end
  }
}

const incomplete = Result.succeed(null)

interface Held {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** Whether the memory is ours to write to; a chunk that holds whole frames is read where it lies. */
  readonly owned: boolean
}

const empty: Held = { bytes: new Uint8Array(0), start: 0, end: 0, owned: false }

const append = (held: Held, chunk: Uint8Array): Held => {
  if (held.start === held.end) return { bytes: chunk, start: 0, end: chunk.length, owned: false }
  const room = held.owned && held.end + chunk.length <= held.bytes.length ? held : moved(held, chunk.length)
  room.bytes.set(chunk, room.end)
  return { ...room, end: room.end + chunk.length }
}

// Doubling keeps the copying linear in what arrives, however small the pieces.
const moved = ({ bytes, end, start }: Held, more: number): Held => {
  const length = end - start
  const roomy = new Uint8Array(2 * (length + more))
  roomy.set(bytes.subarray(start, end))
  return { bytes: roomy, start: 0, end: length, owned: true }
}
