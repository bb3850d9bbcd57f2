/**
 * What comes in on a socket of `node:net`, taken when it is asked for: while nobody asks, the socket is paused and the
 * kernel holds back the sender. Whoever waits is woken by the very event that brings the bytes.
 */
import { Effect } from "effect"
import type { Socket } from "node:net"
import { ConnectionEnded } from "./ConnectionEnded.ts"
import type { Wire } from "./Wire.ts"

/** Of a socket that nobody has read from yet. */
export const makeInlet = (socket: Socket): Wire["pull"] => {
  const inlet: Inlet = { chunks: [], ended: null, wake: null }
  socket.pause()
  socket.on("data", (chunk: Uint8Array) => {
    inlet.chunks.push(chunk)
    wake(inlet)
    if (inlet.wake === null) socket.pause()
  })
  const end = (why: ConnectionEnded): void => {
    inlet.ended ??= why
    wake(inlet)
  }
  socket.on("end", () => end(closed))
  socket.on("error", (cause) => end(new ConnectionEnded({ reason: "reset", code: codeOf(cause) })))
  socket.on("close", () => end(closed))
  const wait = Effect.callback<ReadonlyArray<Uint8Array>, ConnectionEnded>((resume) => {
    inlet.wake = resume
    if (socket.isPaused()) socket.resume()
    return Effect.sync(() => {
      inlet.wake = null
    })
  })
  return Effect.suspend(() => taken(inlet) ?? wait)
}

interface Inlet {
  /** What has come and was not asked for yet. */
  chunks: Array<Uint8Array>
  /** Why no more will come. */
  ended: ConnectionEnded | null
  /** Resumes whoever waits. */
  wake: ((taken: Taken) => void) | null
}

type Taken = Effect.Effect<ReadonlyArray<Uint8Array>, ConnectionEnded>

const closed = new ConnectionEnded({ reason: "closed" })

const taken = (inlet: Inlet): Taken | null => {
  const { chunks, ended } = inlet
  if (chunks.length === 0) return ended === null ? null : Effect.fail(ended)
  inlet.chunks = []
  return Effect.succeed(chunks)
}

const wake = (inlet: Inlet): void => {
  const { wake } = inlet
  const what = wake === null ? null : taken(inlet)
  if (wake === null || what === null) return
  inlet.wake = null
  wake(what)
}

/** The operating system's name for a failure, such as `ECONNREFUSED`. */
export const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause ? String(cause.code) : undefined
