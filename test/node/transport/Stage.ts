/**
 * Where tests of the transport play: n1 and n3 are nodes with a link in memory, n2 is a puppet that
 * listens and answers nobody until it is told to.
 */
import { assert } from "@effect/vitest"
import { Effect, Queue, type Scope } from "effect"
import type { TransportEvent } from "../../../src/node/Transport.ts"
import type { Connection } from "../../../src/node/transport/Connection.ts"
import type { ConnectionEnded } from "../../../src/node/transport/ConnectionEnded.ts"
import { bodyBytesMax } from "../../../src/node/transport/Frame.ts"
import type { Medium, Wire } from "../../../src/node/transport/Wire.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { type Logs, makeLogs } from "./Logs.ts"
import { type MemoryGround, memoryGround, pass, until } from "./MemoryGround.ts"
import { numbered, type TestNode } from "./Node.ts"
import { answer, listenTo, speakTo } from "./Puppet.ts"

export const [n1, n2, n3] = [NodeId.make("n1"), NodeId.make("n2"), NodeId.make("n3")]

export interface Stage {
  readonly logs: Logs
  readonly ground: MemoryGround
  readonly node: TestNode
  readonly bystander: TestNode
  readonly medium: Medium
  /** What the node has dialed to reach the puppet. */
  readonly dialed: Effect.Effect<Connection, ConnectionEnded, Scope.Scope>
}

/** n1 and n3 are nodes with a link; n2 is a puppet that answers nobody yet. */
export const stage: Effect.Effect<Stage, never, Scope.Scope> = Effect.gen(function*() {
  const logs = makeLogs()
  const ground = yield* logs.keep(memoryGround)
  const medium = ground.network.medium(n2)
  const dialed = yield* answer(medium, n1)
  const node = yield* logs.keep(Effect.orDie(ground.open(n1)))
  const bystander = yield* Effect.orDie(ground.open(n3))
  yield* pass("100 millis")
  assert.deepStrictEqual(yield* tags(node), ["Connected"])
  yield* Queue.clear(bystander.events)
  logs.lines.length = 0
  return { logs, ground, node, bystander, medium, dialed }
})

export const tags = (node: TestNode): Effect.Effect<ReadonlyArray<TransportEvent["_tag"]>> =>
  Effect.map(Queue.clear(node.events), (events) => events.map(({ _tag }) => _tag))

export interface Link {
  /** The puppet speaks on it. */
  readonly spoken: Connection
  /** The node speaks on it. */
  readonly heard: Connection
}

/** Links the puppet with n1, which must not be linked with it. */
export const link = Effect.fnUntraced(function*({ dialed, medium, node }: Stage) {
  // The node may have given up what it dialed last; then it dials again.
  const heard = yield* until(Effect.retry(Effect.tap(dialed, (connection) => listenTo(n2, connection)), { times: 2 }))
  const spoken = yield* until(speakTo(medium, n2, n1))
  yield* pass(0)
  assert.deepStrictEqual(yield* tags(node), ["Connected"])
  return { heard, spoken } satisfies Link as Link
})

/** Why the puppet's end of a connection is over. */
export const endOf = (wire: Wire) =>
  until(Effect.flip(Effect.forever(wire.pull))).pipe(Effect.map(({ reason }) => reason))

export const endOfLink = (connection: Connection) =>
  until(Effect.flip(Effect.forever(connection.next(bodyBytesMax)))).pipe(Effect.map(({ reason }) => reason))

/** The other link of the node carries on in both directions, and has never been told anything. */
export const expectUndisturbed = Effect.fnUntraced(function*({ bystander, node }: Stage) {
  yield* bystander.offer(n1, [numbered(1)])
  yield* node.offer(n3, [numbered(2)])
  yield* pass("10 millis")
  assert.deepStrictEqual(yield* tags(bystander), ["Received"])
  assert.deepStrictEqual((yield* tags(node)).filter((tag) => tag !== "Connected"), ["Received"])
})
