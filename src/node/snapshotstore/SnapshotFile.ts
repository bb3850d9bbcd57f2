/**
 * How a snapshot is written down, on disk, on the wire and as a backup: a header, pieces with a checksum each, and the
 * SHA-256 of all that at the end.
 *
 *     magic 8 | version 4 | header length 4 | header (JSON) | CRC-32 4      numbers are big-endian
 *     ( piece length 4 | CRC-32 4 | piece )*
 *     0 4 | SHA-256 of all before it 32
 *
 * Where the version stands and that the header is guarded by its checksum stays so in every later version.
 */
import { Schema } from "effect"
import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import { Snapshot } from "../../raft/Snapshot.ts"

/** Raised whenever an older release could not read what is written. */
export const formatVersion = 1

export const magic: Uint8Array = Uint8Array.from("HOLDSNAP", (letter) => letter.charCodeAt(0))

/** Of magic, version and header length; of a checksum; of what comes before a piece; and of what ends it all. */
export const [startBytes, checksumBytes, pieceStartBytes, endBytes] = [16, 4, 8, 36]

/** What a length in a file may say: more is damage, and nobody makes room for it. */
export const [headerBytesMax, pieceBytesMax] = [1_048_576, 16_777_216]

export const Header = Schema.Struct({
  snapshot: Snapshot,
  /** The release that has written it. */
  release: Schema.String
})
export type Header = typeof Header.Type

const encodeHeader = Schema.encodeSync(Schema.fromJsonString(Header))

const uint32 = (...numbers: ReadonlyArray<number>): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * numbers.length))
  numbers.forEach((number, at) => view.setUint32(4 * at, number))
  return new Uint8Array(view.buffer)
}

export interface Encoder {
  readonly header: (header: Header) => Uint8Array
  /** What it gives is lent until the next piece. */
  readonly piece: (bytes: Uint8Array) => Uint8Array
  readonly end: () => Uint8Array
  /** The SHA-256 of all that it has given, in hex. */
  readonly checksum: () => string
}

/** Writes one snapshot: its header, then its pieces, then its end. An empty piece leaves no trace. */
export const makeEncoder = (): Encoder => {
  const hash = createHash("sha256")
  // One buffer serves all pieces: memory beside the heap that is asked for again and again has V8 mark in between.
  let buffer = Buffer.alloc(0)
  const hashed = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
    const bytes = Buffer.concat(parts)
    hash.update(bytes)
    return bytes
  }
  return {
    header: (header) => {
      const json = new TextEncoder().encode(encodeHeader(header))
      const start = Buffer.concat([magic, uint32(formatVersion, json.length), json])
      return hashed(start, uint32(crc32(start)))
    },
    piece: (bytes) => {
      if (bytes.length > pieceBytesMax) throw new Error(`Impossible piece of a snapshot: ${bytes.length} bytes`)
      if (bytes.length === 0) return bytes
      const length = pieceStartBytes + bytes.length
      if (buffer.length < length) buffer = Buffer.allocUnsafeSlow(length)
      buffer.writeUInt32BE(bytes.length, 0)
      buffer.writeUInt32BE(crc32(bytes), 4)
      buffer.set(bytes, pieceStartBytes)
      const piece = buffer.subarray(0, length)
      hash.update(piece)
      return piece
    },
    end: () => {
      const zero = hashed(uint32(0))
      return Buffer.concat([zero, hashed(hash.copy().digest())])
    },
    checksum: () => hash.copy().digest("hex")
  }
}
