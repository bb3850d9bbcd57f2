/**
 * One direction of a connection in memory: bytes in the air, in order, each chunk due after a delay.
 * Like TCP it loses nothing while the connection lives, and like a socket it takes only so much.
 */
import { type Clock, Duration, Effect, Latch } from "effect"
import { ConnectionEnded } from "./ConnectionEnded.ts"

/** What a sender can hand over before it has a backlog: the part of the kernel's buffers. */
const takenBytesMax = 256 * 1024

/** What the network does to one direction between two nodes, now. */
export interface Way {
  /** Nothing arrives, as if the cable were pulled. */
  held: boolean
  delayMillis: number
}

export interface Pipe {
  readonly pull: Effect.Effect<ReadonlyArray<Uint8Array>, ConnectionEnded>
  readonly push: (bytes: Uint8Array) => void
  /** No more bytes: who pulls learns of it after all that were pushed. */
  readonly finish: () => void
  /** Whatever is in the air is lost, and who pulls learns of it at once. */
  readonly reset: () => void
  /** Whatever is in the air is lost, and who pulls will never learn of it. */
  readonly freeze: () => void
  readonly backlogBytes: () => number
  readonly drained: Effect.Effect<void>
  /** The way has changed: look again. */
  readonly look: () => void
}

interface Chunk {
  /** Null is the end. */
  readonly bytes: Uint8Array | null
  readonly dueMillis: number
}

interface Air {
  readonly chunks: Array<Chunk>
  byteCount: number
  state: "open" | "finished" | "reset" | "frozen"
}

export const makePipe = (way: Way, clock: Clock.Clock): Pipe => {
  const air: Air = { chunks: [], byteCount: 0, state: "open" }
  const changed = Latch.makeUnsafe()
  const flowing = Latch.makeUnsafe(true)
  const add = (bytes: Uint8Array | null) => {
    if (air.state !== "open") return
    air.chunks.push({ bytes, dueMillis: clock.currentTimeMillisUnsafe() + way.delayMillis })
    air.byteCount += bytes?.length ?? 0
    if (backlogOf(air) > 0) flowing.closeUnsafe()
    changed.openUnsafe()
  }
  const stop = (state: Air["state"]) => {
    air.state = state
    flowing.openUnsafe()
    changed.openUnsafe()
  }
  return {
    pull: arrive(clock, way, air, { changed, flowing }),
    push: add,
    finish: () => {
      add(null)
      if (air.state === "open") stop("finished")
    },
    reset: () => stop("reset"),
    freeze: () => stop("frozen"),
    backlogBytes: () => air.state === "open" ? backlogOf(air) : 0,
    drained: opened(flowing),
    look: () => changed.openUnsafe()
  }
}

const backlogOf = ({ byteCount }: Air): number => Math.max(0, byteCount - takenBytesMax)

interface Latches {
  readonly changed: Latch.Latch
  readonly flowing: Latch.Latch
}

// One chunk at a time: what the reader has not asked for is still in the air. A chunk that is due waits
// for those before it.
const arrive = Effect.fnUntraced(function*(clock: Clock.Clock, way: Way, air: Air, { changed, flowing }: Latches) {
  while (true) {
    const now = clock.currentTimeMillisUnsafe()
    if (air.state === "frozen") return yield* Effect.never
    if (air.state === "reset") return yield* new ConnectionEnded({ reason: "reset" })
    const [head] = air.chunks
    if (head !== undefined && !way.held && head.dueMillis <= now) {
      if (head.bytes === null) return yield* new ConnectionEnded({ reason: "closed" })
      air.chunks.shift()
      air.byteCount -= head.bytes.length
      if (backlogOf(air) === 0) flowing.openUnsafe()
      return [head.bytes]
    }
    changed.closeUnsafe()
    const isUnderWay = head !== undefined && !way.held
    const due = isUnderWay ? clock.sleep(Duration.millis(head.dueMillis - now)) : Effect.never
    yield* Effect.raceFirst(opened(changed), due)
  }
})

// Opening a latch runs whoever waits for it there and then; but a push is no call into the other node.
const opened = (latch: Latch.Latch): Effect.Effect<void> => Effect.andThen(latch.await, Effect.yieldNow)
