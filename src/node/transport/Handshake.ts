/**
 * How two nodes get to know each other on a new connection. Nobody is admitted by one side alone, and
 * the last word is the dialer's: whoever receives a message knows that the sender counts this
 * direction as standing.
 *
 *     dialer     preamble   Hello              Ready | Refusal
 *     acceptor            preamble   Hello | Refusal
 */
import { Data, Effect } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import type { Hello, OpenOptions, Refusal } from "../Transport.ts"
import type { Connection } from "./Connection.ts"
import { ConnectionEnded } from "./ConnectionEnded.ts"
import { Frame, smallBodyBytesMax } from "./Frame.ts"
import { agree, encodePreamble, showVersions, type Versions } from "./Preamble.ts"

/** One side does not want to talk to the other. */
export class TurnedAway extends Data.TaggedError("TurnedAway")<{
  readonly by: "peer" | "us"
  /** Who the peer is, or says it is; null as long as it has said nothing. */
  readonly peer: NodeId | null
  readonly refusal: Refusal
}> {}

/** What a node opens its links with. */
export interface LinkOptions extends OpenOptions {
  /** Of the protocol, that it speaks. */
  readonly versions: Versions
}

type Party = Pick<LinkOptions, "admit" | "hello" | "versions">

/** What a node knows of the other side once both have admitted each other. */
export interface Introduction {
  readonly hello: Hello
  /** The version of the protocol that both speak. */
  readonly version: number
}

/** Ends with this side's `Ready` still to be said. */
export const asDialer = Effect.fnUntraced(function*(connection: Connection, party: Party, peer: NodeId) {
  connection.write(encodePreamble(party.versions))
  const theirs = yield* connection.preamble
  const version = agree(party.versions, theirs)
  if (version === null) {
    return yield* new TurnedAway({ by: "peer", peer, refusal: otherVersion(party.versions, theirs) })
  }
  connection.agreeOn(version)
  connection.say(Frame.Hello({ hello: yield* party.hello }))
  const hello = yield* expectHello(connection, peer)
  const refusal = hello.nodeId === peer ? yield* party.admit(hello, true) : wrongNode(peer, hello)
  if (refusal !== null) return yield* turnAway(connection, peer, refusal)
  return { hello, version } satisfies Introduction as Introduction
})

/** Ends when the dialer has said that it is ready. */
export const asAcceptor = Effect.fnUntraced(function*(connection: Connection, party: Party) {
  const theirs = yield* connection.preamble
  connection.write(encodePreamble(party.versions))
  const version = agree(party.versions, theirs)
  if (version === null) {
    return yield* new TurnedAway({ by: "us", peer: null, refusal: otherVersion(party.versions, theirs) })
  }
  connection.agreeOn(version)
  const hello = yield* expectHello(connection, null)
  const refusal = yield* party.admit(hello, false)
  if (refusal !== null) return yield* turnAway(connection, hello.nodeId, refusal)
  connection.say(Frame.Hello({ hello: yield* party.hello }))
  const last = yield* connection.next(smallBodyBytesMax)
  if (last._tag === "Refusal") return yield* new TurnedAway({ by: "peer", peer: hello.nodeId, refusal: last.refusal })
  if (last._tag !== "Ready") return yield* outOfPlace
  return { hello, version } satisfies Introduction as Introduction
})

const introductionMillisMax = 1000

/** Holds whoever is introduced to a time: who says nothing takes up no room for longer. */
export const inTime = <A, E>(introduction: Effect.Effect<A, E>): Effect.Effect<A, E | ConnectionEnded> =>
  Effect.timeoutOrElse(introduction, {
    duration: introductionMillisMax,
    orElse: () => Effect.fail(new ConnectionEnded({ reason: "late" }))
  })

export const outOfPlace = new ConnectionEnded({ reason: "out-of-place" })

const expectHello = Effect.fnUntraced(function*(connection: Connection, peer: NodeId | null) {
  const frame = yield* connection.next(smallBodyBytesMax)
  if (frame._tag === "Hello") return frame.hello
  // Only one who has heard a hello may refuse it, and only the dialer has said one by now.
  return yield* (frame._tag === "Refusal" && peer !== null
    ? new TurnedAway({ by: "peer", peer, refusal: frame.refusal })
    : outOfPlace)
})

const turnAway = (connection: Connection, peer: NodeId, refusal: Refusal) => {
  connection.say(Frame.Refusal({ refusal }))
  return Effect.fail(new TurnedAway({ by: "us", peer, refusal }))
}

// The preamble says enough for both sides: no frame can be understood by a node of another version.
const otherVersion = (ours: Versions, theirs: Versions): Refusal => ({
  reason: "version",
  message: `it speaks ${showVersions(theirs)} of the protocol, this node ${showVersions(ours)}`
})

const wrongNode = (dialed: NodeId, hello: Hello): Refusal => ({
  reason: "wrong-node",
  message: `${hello.nodeId} answers at the address of ${dialed}`
})
