/**
 * Where the contract of `Transport` is tried, and what its chapters have in common.
 */
import { assert } from "@effect/vitest"
import { type Duration, Effect, Queue, Scope } from "effect"
import type { Address, Refusal, TransportError, TransportEvent } from "../../../src/node/Transport.ts"
import type { Versions } from "../../../src/node/transport/Preamble.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import type { TestNode } from "../../node/transport/Node.ts"

export interface Ground {
  /** Opens one of n1, n2 and n3, with a new disk each time. Its peers are the others, or those named. */
  readonly open: (id: NodeId, named?: ReadonlyArray<NodeId>) => Effect.Effect<TestNode, TransportError, Scope.Scope>
  /** Where one of them dials another. */
  readonly address: (from: NodeId, to: NodeId) => Address
  /** Another address of an open node: the one that it gives itself. */
  readonly ownAddress: (id: NodeId) => Address
  /** Breaks what stands between two nodes at once. */
  readonly partition: (a: NodeId, b: NodeId) => Effect.Effect<void>
  /** Lets nothing through in one direction, and lets nobody know. */
  readonly hold: (from: NodeId, to: NodeId) => Effect.Effect<void>
  readonly repair: (a: NodeId, b: NodeId) => Effect.Effect<void>
  readonly pass: (time: Duration.Input) => Effect.Effect<void>
  /** Lets time pass until the effect has ended, but not for ever. */
  readonly until: <A>(effect: Effect.Effect<A>) => Effect.Effect<A>
}

export const [n1, n2, n3] = [NodeId.make("n1"), NodeId.make("n2"), NodeId.make("n3")]

/** The events of a node, one after the other. */
export const next = (ground: Ground, node: TestNode) => ground.until(Queue.take(node.events))

export const expectNext = <Tag extends TransportEvent["_tag"]>(ground: Ground, node: TestNode, tag: Tag) =>
  Effect.map(next(ground, node), (event) => {
    assert.strictEqual(event._tag, tag)
    return event as Extract<TransportEvent, { _tag: Tag }>
  })

export const expectSilence = (ground: Ground, node: TestNode, time: Duration.Input) =>
  Effect.gen(function*() {
    yield* ground.pass(time)
    assert.deepStrictEqual(yield* Queue.clear(node.events), [])
  })

/** Opens two nodes and waits until both know of their link. */
export const linked = Effect.fnUntraced(function*(ground: Ground) {
  const a = yield* ground.open(n1)
  const b = yield* ground.open(n2)
  yield* expectNext(ground, a, "Connected")
  yield* expectNext(ground, b, "Connected")
  return [a, b] as const
})

/** The numbers of the messages that have come, until there are enough. */
export const collect = Effect.fnUntraced(function*(ground: Ground, node: TestNode, count: number) {
  const numbers: Array<number> = []
  while (numbers.length < count) {
    numbers.push(...numbersIn([yield* expectNext(ground, node, "Received")]))
  }
  return numbers
})

/** The numbers of the messages among these events. */
export const numbersIn = (events: ReadonlyArray<TransportEvent>): ReadonlyArray<number> =>
  events
    .flatMap((event) => event._tag === "Received" ? event.messages : [])
    .flatMap((message) => message._tag === "Propose" ? [Number(message.request)] : [])

export const range = (count: number) => Array.from({ length: count }, (_, n) => n)

export const MiB = 1024 * 1024

export const stranger: Refusal = { reason: "unknown-node", message: "who are you?" }

/** Which versions of the protocol a node speaks. */
export type VersionsOf = (id: NodeId) => Versions

/** Gives each test a ground of its own. */
export type On = <E>(
  run: (ground: Ground) => Effect.Effect<void, E, Scope.Scope>
) => () => Effect.Effect<void, E, Scope.Scope>
