/**
 * What follows the preamble: frames, each with its length, a checksum and a kind, and a body in the
 * version agreed on. A frame is whole or an error, never a guess. It has a checksum of its own because
 * the sixteen bits of TCP's let some damage pass, and a damaged entry would be synced and kept.
 *
 *     4 bytes  length of the body, big-endian
 *     4 bytes  CRC-32 of kind and body
 *     1 byte   kind
 *     n bytes  body: SchemaBinary, or nothing
 */
import { Data, identity, Result } from "effect"
import { Buffer } from "node:buffer"
import { crc32 } from "node:zlib"
import type { PeerMessage } from "../peers/PeerMessage.ts"
import type { Hello, Refusal } from "../Transport.ts"
import { ConnectionEnded } from "./ConnectionEnded.ts"
import type { Version } from "./versions/Version.ts"

export type Frame = Data.TaggedEnum<{
  /** Who speaks. Each side says it once, the dialer first. */
  Hello: { readonly hello: Hello }
  /** Why the other side is turned away; the last frame there is. */
  Refusal: { readonly refusal: Refusal }
  /** The dialer has admitted the other side as well, and messages may follow. */
  Ready: {}
  /** Sent when there is nothing else to send. */
  KeepAlive: {}
  Messages: { readonly messages: ReadonlyArray<PeerMessage> }
}>
export const Frame = Data.taggedEnum<Frame>()

export const frameHeaderBytes = 9

/** No body is longer, be it of one message or of many. */
export const bodyBytesMax = 16 * 1024 * 1024

/** No longer is the body of a frame that introduces, refuses or keeps alive. */
export const smallBodyBytesMax = 4096

const kinds = { Hello: 1, Refusal: 2, Ready: 3, KeepAlive: 4, Messages: 5 } as const

export const encodeFrame = (frame: Frame, version: Version): Uint8Array => {
  switch (frame._tag) {
    case "Hello":
      return seal(kinds.Hello, version.hello.encode(frame.hello))
    case "Refusal":
      return seal(kinds.Refusal, version.refusal.encode(frame.refusal))
    case "Messages":
      return seal(kinds.Messages, version.messages.encode(frame.messages))
    case "Ready":
    case "KeepAlive":
      return seal(kinds[frame._tag], nothing)
  }
}

/** The length of the body that follows a header. */
export const bodyLength = (header: Uint8Array): number => viewOf(header).getUint32(0)

/** Decodes one frame, which must be all of `bytes`. */
export const decodeFrame = (bytes: Uint8Array, version: Version): Result.Result<Frame, ConnectionEnded> => {
  const sealed = bytes.subarray(kindAt)
  if (crc32(sealed) !== viewOf(bytes).getUint32(checksumAt)) return ended("garbled")
  const decoded = Result.try({
    try: () => decodeBody(sealed[0], sealed.subarray(1), version),
    // Whatever a decoder throws at bytes from outside, it says the same of them.
    catch: () => new ConnectionEnded({ reason: "garbled" })
  })
  return Result.flatMap(decoded, identity)
}

const checksumAt = 4
const kindAt = 8

const decodeBody = (
  kind: number | undefined,
  body: Uint8Array,
  version: Version
): Result.Result<Frame, ConnectionEnded> => {
  switch (kind) {
    case kinds.Hello:
      return Result.succeed(Frame.Hello({ hello: version.hello.decode(body) }))
    case kinds.Refusal:
      return Result.succeed(Frame.Refusal({ refusal: version.refusal.decode(body) }))
    case kinds.Messages:
      return Result.succeed({ _tag: "Messages", messages: version.messages.decode(body) })
    case kinds.Ready:
      return body.length === 0 ? Result.succeed(Frame.Ready()) : ended("garbled")
    case kinds.KeepAlive:
      return body.length === 0 ? Result.succeed(Frame.KeepAlive()) : ended("garbled")
    default:
      return ended("unknown-kind")
  }
}

// One piece of memory, so that a frame is one write to the socket; the copy costs less than a second call.
const seal = (kind: number, body: Uint8Array): Uint8Array => {
  const bytes = Buffer.allocUnsafe(frameHeaderBytes + body.length)
  bytes.set(body, frameHeaderBytes)
  bytes[kindAt] = kind
  bytes.writeUInt32BE(body.length, 0)
  bytes.writeUInt32BE(crc32(bytes.subarray(kindAt)), checksumAt)
  return bytes
}

const nothing = new Uint8Array(0)

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const ended = (reason: ConnectionEnded["reason"]) => Result.fail(new ConnectionEnded({ reason }))
