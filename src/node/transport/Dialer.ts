/**
 * Keeps a connection to one peer, to speak on: dials, introduces this node, and dials again when the
 * connection ends or never stood, after a pause that grows and is hardly ever the same for two nodes.
 */
import { Effect, Random } from "effect"
import type { Address } from "../Transport.ts"
import * as Connection from "./Connection.ts"
import { ConnectionEnded } from "./ConnectionEnded.ts"
import { Frame, smallBodyBytesMax } from "./Frame.ts"
import { asDialer, inTime, type Introduction, type LinkOptions, outOfPlace } from "./Handshake.ts"
import type { Peer } from "./Peer.ts"
import * as Report from "./Report.ts"
import type { Medium, Opening } from "./Wire.ts"

const pauseMillisMin = 20
const pauseMillisMax = 500
const dialMillisMax = 500

/** Dials a peer for ever, at one address. */
export const keepDialing = Effect.fnUntraced(function*(
  medium: Medium,
  peer: Peer,
  address: Address,
  options: LinkOptions
): Effect.fn.Return<never> {
  let pauseMillis = pauseMillisMin
  while (true) {
    peer.reached.closeUnsafe()
    if (yield* attempt(medium, peer, address, options)) {
      // That the peer was reached once says nothing of now.
      peer.reached.closeUnsafe()
      pauseMillis = pauseMillisMin
    }
    yield* Effect.raceFirst(peer.reached.await, Effect.sleep(pauseMillis * (yield* Random.nextBetween(0.5, 1))))
    pauseMillis = Math.min(2 * pauseMillis, pauseMillisMax)
  }
})

/** Ends with its connection, and says whether that had stood. */
const attempt = Effect.fnUntraced(
  function*(medium: Medium, peer: Peer, address: Address, options: LinkOptions) {
    const connection = yield* Connection.make(answered(medium.dial(peer.id, address)))
    yield* speak(peer, connection, yield* inTime(asDialer(connection, options, peer.id)))
    return true
  },
  Effect.scoped,
  (effect, _, peer, address) =>
    Effect.catchTags(effect, {
      ConnectionEnded: (why) => Effect.as(Report.unreachable(peer, address, why), false),
      TurnedAway: (refused) => Effect.as(Report.turnedAway(refused, peer, peer.complaints, {}), false)
    }),
  // A bug that one connection brings to light must not silence the peer for ever.
  Effect.catchDefect((defect) => Effect.as(Effect.logError("Speaking to a peer has failed", defect), false))
)

const answered = (opening: Opening): Opening =>
  Effect.timeoutOrElse(opening, {
    duration: dialMillisMax,
    orElse: () => Effect.fail(new ConnectionEnded({ reason: "unreachable", code: "no answer" }))
  })

// The peer says nothing here but that it is alive. Reading is how its death is noticed at once.
const speak = Effect.fnUntraced(function*(
  peer: Peer,
  connection: Connection.Connection,
  introduction: Introduction
) {
  yield* Effect.forkScoped(connection.keepAlive)
  peer.stand("outbound", connection, introduction, () => connection.say(Frame.Ready()))
  const why = yield* Effect.flip(connection.frames(
    smallBodyBytesMax,
    (frame) => frame._tag === "KeepAlive" ? Effect.void : Effect.fail(outOfPlace)
  ))
  peer.fall("outbound", connection, why)
  yield* Report.ended(why, { peer: peer.id, remote: connection.remote })
})
