/**
 * Hears peers: accepts connections, lets in who is admitted, and delivers what they say. Whoever has
 * not been admitted gets little memory, little time, and one of few places; the oldest gives way, so
 * that strangers who say nothing cannot keep a peer out.
 */
import { Effect, FiberSet } from "effect"
import type { Hello, Refusal } from "../Transport.ts"
import { type Complaints, makeComplaints } from "./Complaints.ts"
import * as Connection from "./Connection.ts"
import { ConnectionEnded } from "./ConnectionEnded.ts"
import { bodyBytesMax, type Frame } from "./Frame.ts"
import { asAcceptor, inTime, type Introduction, type LinkOptions, outOfPlace } from "./Handshake.ts"
import type { Peer } from "./Peer.ts"
import type { Peers } from "./Peers.ts"
import * as Report from "./Report.ts"
import type { Medium, Opening } from "./Wire.ts"

/** Connections of whoever has not been admitted yet, at any one time. */
const strangersMax = 64

/** Listens until the scope closes. */
export const listen = Effect.fnUntraced(function*(medium: Medium, options: LinkOptions, peers: Peers) {
  const reception: Reception = { options, peers, strangers: new Set(), complaints: makeComplaints() }
  const run = yield* FiberSet.makeRuntime()
  yield* medium.listen((opening) => run(receive(reception, opening)))
})

interface Reception {
  readonly options: LinkOptions
  readonly peers: Peers
  /** Oldest first. */
  readonly strangers: Set<Connection.Connection>
  readonly complaints: Complaints
}

const receive = Effect.fnUntraced(
  function*(reception: Reception, opening: Opening) {
    const connection = yield* Connection.make(opening)
    const { remote } = connection
    yield* Effect.catchTags(serve(reception, connection), {
      ConnectionEnded: (why) => Report.ended(why, { remote }),
      TurnedAway: (refused) => {
        const peer = refused.peer === null ? undefined : reception.peers.get(refused.peer)
        return Report.turnedAway(refused, peer, reception.complaints, { remote })
      }
    })
  },
  Effect.scoped,
  // It was gone before anything could be said on it.
  Effect.catchTag("ConnectionEnded", () => Effect.void),
  Effect.catchDefect((defect) => Effect.logError("Hearing a peer has failed", defect))
)

const serve = Effect.fnUntraced(function*(reception: Reception, connection: Connection.Connection) {
  const introduction = yield* welcome(reception, connection)
  const { hello } = introduction
  const peer = reception.peers.get(hello.nodeId) ?? (yield* join(reception, hello))
  yield* Effect.ensuring(
    hear(peer, connection, introduction),
    Effect.sync(() => reception.peers.leave(peer))
  )
})

const welcome = (reception: Reception, connection: Connection.Connection) =>
  Effect.acquireUseRelease(
    Effect.sync(() => enter(reception.strangers, connection)),
    () => inTime(asAcceptor(connection, { ...reception.options, admit: (hello) => admit(reception, hello) })),
    () => Effect.sync(() => reception.strangers.delete(connection))
  )

const enter = (strangers: Set<Connection.Connection>, connection: Connection.Connection): void => {
  strangers.add(connection)
  const [oldest] = strangers
  if (strangers.size <= strangersMax || oldest === undefined) return
  strangers.delete(oldest)
  oldest.close("crowded-out")
}

/** Who cannot be dialed is not heard either, whatever the node thinks of it: no link could ever stand. */
const admit = ({ options, peers }: Reception, hello: Hello): Effect.Effect<Refusal | null> =>
  Effect.map(options.admit(hello, false), (refusal) => refusal ?? peers.obstacle(hello))

// It is judged once more: it may have been a peer when it was let in, and let go since.
const join = Effect.fnUntraced(function*(reception: Reception, hello: Hello) {
  if ((yield* admit(reception, hello)) !== null) return yield* new ConnectionEnded({ reason: "let-go" })
  return reception.peers.join(hello)
})

const hear = Effect.fnUntraced(function*(
  peer: Peer,
  connection: Connection.Connection,
  introduction: Introduction
) {
  yield* Effect.forkScoped(connection.keepAlive)
  peer.stand("inbound", connection, introduction)
  const why = yield* Effect.flip(connection.frames(bodyBytesMax, (frame) => take(peer, connection, frame)))
  peer.fall("inbound", connection, why)
  return yield* why
})

const take = (
  peer: Peer,
  connection: Connection.Connection,
  frame: Frame
): Effect.Effect<void, ConnectionEnded> => {
  if (frame._tag === "Messages") return peer.receive(connection, frame.messages)
  return frame._tag === "KeepAlive" ? Effect.void : Effect.fail(outOfPlace)
}
