/**
 * How client RPC travels over TCP: each side begins with eight bytes that say who speaks and in which version, and
 * goes on with binary frames of bounded length: those of `effect/rpc`, or, if the client has begun so, those of a
 * conversation. Whatever does not begin so is no client or no node of ours, and is noticed at its first bytes.
 */
import { Effect, Layer, Schema } from "effect"
import { RpcSerialization } from "effect/rpc"

/** Raised when an older side could misread what a newer one says; what is only added does not raise it. */
const protocolVersion = 1

const magic = new TextEncoder().encode("hold-rp")

/** What each side says first. */
export const preamble = Uint8Array.of(...magic, protocolVersion)

/** What a client says in its place that goes on with a conversation. */
export const conversationPreamble = Uint8Array.of(...new TextEncoder().encode("hold-cv"), protocolVersion)

/** Whether these may be the first bytes of such a client. */
export const mayConverse = (bytes: Uint8Array): boolean => {
  const length = Math.min(bytes.length, conversationPreamble.length)
  for (let at = 0; at < length; at++) if (bytes[at] !== conversationPreamble[at]) return false
  return true
}

/** The other side is none of ours, or speaks in another way. */
export class NotOurs extends Schema.TaggedError<NotOurs>()("NotOurs", { message: Schema.String }) {}

/**
 * Binary frames, after the preamble of the other side. One that is longer than `frameBytesMax`, or no frame at all,
 * fails to decode. Whoever opens a connection says the own preamble on it, before anything else.
 */
export const layerSerialization = (frameBytesMax: number): Layer.Layer<RpcSerialization.RpcSerialization> =>
  Layer.effect(
    RpcSerialization.RpcSerialization,
    Effect.map(
      RpcSerialization.RpcSerialization,
      (binary) =>
        RpcSerialization.RpcSerialization.of({ ...binary, makeUnsafe: () => afterPreamble(binary.makeUnsafe()) })
    )
  ).pipe(Layer.provide(RpcSerialization.layerSchemaBinary({ maxFrameSize: frameBytesMax })))

/** A parser hears one connection. */
const afterPreamble = (frames: RpcSerialization.Parser): RpcSerialization.Parser => {
  const behind = makeBehindPreamble()
  return {
    encode: frames.encode,
    decode: (data) => {
      const rest = behind(asBytes(data))
      return rest.length > 0 ? frames.decode(rest) : []
    }
  }
}

/** Takes what comes on one connection, and gives what follows the preamble of the other side. Throws `NotOurs`. */
export const makeBehindPreamble = (): (bytes: Uint8Array) => Uint8Array => {
  let heard = 0
  return (bytes) => {
    if (heard === preamble.length) return bytes
    const awaited = Math.min(preamble.length - heard, bytes.length)
    for (let i = 0; i < awaited; i++) check(bytes[i], heard + i)
    heard += awaited
    return bytes.subarray(awaited)
  }
}

const asBytes = (data: Uint8Array | string): Uint8Array => typeof data === "string" ? Buffer.from(data) : data

const check = (byte: number | undefined, position: number): void => {
  if (byte === preamble[position]) return
  const message = position < magic.length
    ? "speaks no client RPC of Holdfast: the RPC port is another, 7081 unless it is set"
    : `speaks version ${byte} of the client RPC, and this is version ${protocolVersion}`
  throw new NotOurs({ message })
}
