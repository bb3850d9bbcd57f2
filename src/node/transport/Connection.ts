/**
 * One connection between two nodes: frames come in, bytes go out. It reads on only when asked for the
 * next frame. Every end has one reason; a connection that has ended never brings another frame.
 */
import { Effect, Result, type Scope } from "effect"
import { ConnectionEnded, type EndReason } from "./ConnectionEnded.ts"
import { encodeFrame, Frame } from "./Frame.ts"
import { type Inflow, makeInflow } from "./Inflow.ts"
import type { Versions } from "./Preamble.ts"
import { versionOf } from "./Protocol.ts"
import type { Version } from "./versions/Version.ts"
import type { Opening, Wire } from "./Wire.ts"

export interface Connection extends Omit<Wire, "destroy" | "pull"> {
  readonly preamble: Effect.Effect<Versions, ConnectionEnded>
  /** The version of the protocol in which frames are read and said. There are none before it is agreed on. */
  readonly agreeOn: (version: number) => void
  readonly version: () => Version
  readonly say: (frame: Frame) => void
  /** The next frame, once it is whole. A longer one ends the connection as soon as it says so. */
  readonly next: (bodyBytesMax: number) => Effect.Effect<Frame, ConnectionEnded>
  /** Takes all further frames, one by one. It ends with the connection, or when `take` fails. */
  readonly frames: (
    bodyBytesMax: number,
    take: (frame: Frame) => Effect.Effect<void, ConnectionEnded>
  ) => Effect.Effect<never, ConnectionEnded>
  /** Speaks when there is nothing to say, and ends the connection when nothing is heard. */
  readonly keepAlive: Effect.Effect<void>
  readonly close: (reason: EndReason) => void
}

const keepAliveMillis = 250

/** Silence is counted in turns of this node's own timer: its own stall is not taken for the peer's. */
const silentTurnsMax = 4

export const make = Effect.fnUntraced(function*(
  opening: Opening
): Effect.fn.Return<Connection, ConnectionEnded, Scope.Scope> {
  const wire = yield* opening
  const state: State = {
    wire,
    inflow: makeInflow(),
    closed: null,
    listening: false,
    heard: false,
    spoke: false,
    version: null
  }
  const next = (bodyBytesMax: number) => read(state, () => state.inflow.frame(bodyBytesMax, versionIn(state)))
  return {
    ...wire,
    write: (bytes) => write(state, bytes),
    preamble: read(state, state.inflow.preamble),
    agreeOn: (version) => {
      state.version = versionOf(version)
    },
    version: () => versionIn(state),
    say: (frame) => write(state, encodeFrame(frame, versionIn(state))),
    next,
    frames: (bodyBytesMax, take) => Effect.forever(Effect.flatMap(next(bodyBytesMax), take), { disableYield: true }),
    keepAlive: keepAlive(state),
    close: (reason) => close(state, reason)
  }
})

interface State {
  readonly wire: Wire
  readonly inflow: Inflow
  /** Why this side has closed it. */
  closed: ConnectionEnded | null
  /** Whether somebody waits for bytes: who does not listen cannot complain of silence. */
  listening: boolean
  /** Whether bytes have come, and gone, since the last turn of `keepAlive`. */
  heard: boolean
  spoke: boolean
  /** Null until both sides have agreed on one. */
  version: Version | null
}

const versionIn = ({ version }: State): Version => {
  if (version === null) throw new Error("no frame is read or said before a version is agreed on")
  return version
}

const read = <A>(state: State, head: () => Result.Result<A | null, ConnectionEnded>) => {
  const attempt: Effect.Effect<A, ConnectionEnded> = Effect.suspend(() => {
    if (state.closed !== null) return Effect.fail(state.closed)
    const found = head()
    if (Result.isFailure(found)) return Effect.fail(found.failure)
    return found.success === null ? more : Effect.succeed(found.success)
  })
  const more = Effect.suspend(() => {
    state.listening = true
    return Effect.matchEffect(state.wire.pull, {
      onFailure: (why) => Effect.fail(endOf(state, why)),
      onSuccess: (chunks) => {
        state.listening = false
        state.heard = true
        for (const chunk of chunks) state.inflow.push(chunk)
        return attempt
      }
    })
  })
  return attempt
}

const endOf = ({ closed, inflow }: State, why: ConnectionEnded): ConnectionEnded => {
  if (closed !== null) return closed
  return why.reason === "closed" && !inflow.isEmpty() ? new ConnectionEnded({ reason: "cut" }) : why
}

const write = (state: State, bytes: Uint8Array): void => {
  state.spoke = true
  state.wire.write(bytes)
}

const close = (state: State, reason: EndReason): void => {
  state.closed ??= new ConnectionEnded({ reason })
  state.wire.destroy()
}

const keepAlive = Effect.fnUntraced(function*(state: State) {
  let silentTurns = 0
  while (silentTurns < silentTurnsMax) {
    yield* Effect.sleep(keepAliveMillis)
    silentTurns = state.heard || !state.listening ? 0 : silentTurns + 1
    state.heard = false
    if (!state.spoke && state.wire.backlogBytes() === 0) write(state, encodeFrame(Frame.KeepAlive(), versionIn(state)))
    state.spoke = false
  }
  close(state, "silent")
})
