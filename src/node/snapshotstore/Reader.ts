/**
 * Reads a snapshot and believes nothing: each piece by its checksum as it comes, and all of it by its SHA-256 at the
 * end.
 *
 * It needs no node: a backup is read the same way.
 */
import { Effect, Option, Schema, Stream } from "effect"
import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import type { SnapshotStoreError, StoredSnapshot } from "../SnapshotStore.ts"
import type { DiskFile } from "./Disk.ts"
import { failure } from "./Failure.ts"
import {
  checksumBytes,
  endBytes,
  formatVersion,
  Header,
  headerBytesMax,
  magic,
  pieceBytesMax,
  pieceStartBytes,
  startBytes
} from "./SnapshotFile.ts"

/** What is read, and what a person is to do when it is damaged. */
export interface Source extends Pick<DiskFile, "path" | "bytes" | "read"> {
  readonly advice: string
}

const damage = ({ advice, path }: Source, what: string) => failure("corrupt", path, `${what}. ${advice}.`)

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** As many bytes as that, or the file is cut. */
const readExactly = Effect.fnUntraced(function*(source: Source, offset: number, length: number) {
  const bytes = yield* source.read(offset, length)
  if (bytes.length === length) return bytes
  return yield* damage(source, `it ends with byte ${offset + bytes.length}, where more must come`)
})

const decodeHeader = Schema.decodeOption(Schema.fromJsonString(Header))

/** What the snapshot is of, and where its pieces begin. */
export const readHeader = Effect.fnUntraced(function*(source: Source) {
  const start = yield* readExactly(source, 0, startBytes)
  if (Buffer.compare(start.subarray(0, magic.length), magic) !== 0) {
    return yield* damage(source, "it is not a snapshot of this program")
  }
  const version = viewOf(start).getUint32(8)
  const length = viewOf(start).getUint32(12)
  if (length > headerBytesMax) return yield* damage(source, `its header has ${length} bytes`)
  const rest = yield* readExactly(source, startBytes, length + checksumBytes)
  const json = rest.subarray(0, length)
  if (viewOf(rest).getUint32(length) !== crc32(json, crc32(start))) {
    return yield* damage(source, "its header does not have the checksum that it says")
  }
  const header = decodeHeader(new TextDecoder().decode(json))
  if (version === formatVersion && Option.isSome(header)) {
    return { header: header.value, offset: startBytes + length + checksumBytes }
  }
  const known = `it has format ${version}, and this release knows format ${formatVersion}`
  return yield* failure("unsupported-version", source.path, known)
})

/** The pieces of a snapshot; when its whole is known, it must be that and nothing else. */
export const readPieces = (source: Source, whole?: StoredSnapshot): Stream.Stream<Uint8Array, SnapshotStoreError> =>
  Stream.unwrap(Effect.gen(function*() {
    if (whole !== undefined && source.bytes() !== whole.bytes) {
      return yield* damage(source, `it has ${source.bytes()} bytes, and must have ${whole.bytes}`)
    }
    const { offset } = yield* readHeader(source)
    const hash = createHash("sha256").update(yield* source.read(0, offset))
    return Stream.unfold(offset, (at) => readNext(source, at, hash, whole))
  }))

type Hash = ReturnType<typeof createHash>

/** The piece at a place and the place after it; nothing when the end is there, and right. */
const readNext = Effect.fnUntraced(function*(source: Source, at: number, hash: Hash, whole?: StoredSnapshot) {
  const start = yield* readExactly(source, at, pieceStartBytes)
  const length = viewOf(start).getUint32(0)
  if (length === 0) return yield* checkEnd(source, at, hash, whole)
  if (length > pieceBytesMax) return yield* damage(source, `at byte ${at} it claims a piece of ${length} bytes`)
  const piece = yield* readExactly(source, at + pieceStartBytes, length)
  const [checksum, computed] = [viewOf(start).getUint32(4), crc32(piece)]
  if (checksum !== computed) {
    return yield* damage(source, `the piece at byte ${at} has checksum ${checksum} where its content gives ${computed}`)
  }
  hash.update(start).update(piece)
  return [piece, at + pieceStartBytes + length] as const
})

const checkEnd = Effect.fnUntraced(function*(source: Source, at: number, hash: Hash, whole?: StoredSnapshot) {
  const end = yield* readExactly(source, at, endBytes)
  hash.update(end.subarray(0, 4))
  const told = end.subarray(4)
  if (Buffer.compare(told, hash.copy().digest()) !== 0) {
    return yield* damage(source, "its content does not have the SHA-256 that it says")
  }
  if (source.bytes() !== at + endBytes) {
    return yield* damage(source, `something follows its end at byte ${at + endBytes}`)
  }
  const checksum = hash.update(told).digest("hex")
  if (whole !== undefined && checksum !== whole.checksum) {
    return yield* damage(source, `it has the SHA-256 ${checksum}, and must have ${whole.checksum}`)
  }
  return undefined
})
