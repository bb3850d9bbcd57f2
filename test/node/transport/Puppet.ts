/**
 * A peer whose strings the test holds: it shakes hands as a node does, and then says what it is told,
 * be it right or wrong.
 */
import { Effect, Queue, type Scope } from "effect"
import * as Connection from "../../../src/node/transport/Connection.ts"
import type { ConnectionEnded } from "../../../src/node/transport/ConnectionEnded.ts"
import { Frame } from "../../../src/node/transport/Frame.ts"
import { asAcceptor, asDialer, type TurnedAway } from "../../../src/node/transport/Handshake.ts"
import { ourVersions } from "../../../src/node/transport/Protocol.ts"
import type { Medium, Opening } from "../../../src/node/transport/Wire.ts"
import type { NodeId } from "../../../src/raft/Membership.ts"
import { helloOf } from "./Node.ts"

type Failure = ConnectionEnded | TurnedAway

const party = (self: NodeId, raft = "") => ({
  hello: Effect.succeed(helloOf(self, "puppet", raft)),
  admit: () => Effect.succeed(null),
  versions: ourVersions
})

/** Dials a node, and is ready. */
export const speakTo = Effect.fnUntraced(function*(
  medium: Medium,
  self: NodeId,
  node: NodeId,
  raft = ""
): Effect.fn.Return<Connection.Connection, Failure, Scope.Scope> {
  const connection = yield* Connection.make(dial(medium, node))
  yield* asDialer(connection, party(self, raft), node)
  connection.say(Frame.Ready())
  return connection
})

/** Dials, and says nothing. */
export const dial = (medium: Medium, node: NodeId): Opening => medium.dial(node, { host: "127.0.0.1", port: 0 })

/** Listens, and says nothing: the latest connection that has come from a node. */
export const answer = Effect.fnUntraced(function*(medium: Medium, node: NodeId) {
  const openings = yield* Queue.unbounded<Opening>()
  yield* Effect.orDie(medium.listen((opening) => Queue.offerUnsafe(openings, opening)))
  const latest: Effect.Effect<Connection.Connection, ConnectionEnded, Scope.Scope> = Effect.gen(function*() {
    const connections = yield* Effect.forEach(yield* Queue.takeAll(openings), Connection.make)
    return connections.findLast(({ remote }) => remote === node) ?? (yield* latest)
  })
  return latest
})

/** Lets in a node that dials, and hears what it says. */
export const listenTo = (self: NodeId, connection: Connection.Connection) => asAcceptor(connection, party(self))
