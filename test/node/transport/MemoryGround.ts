/**
 * Nodes on a network in memory, under a clock that only the test moves.
 */
import { assert } from "@effect/vitest"
import { Context, type Duration, Effect, Fiber, Layer, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { Network } from "../../../src/node/transport/Network.ts"
import { ourVersions } from "../../../src/node/transport/Protocol.ts"
import * as TransportMemory from "../../../src/node/transport/TransportMemory.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import type { Ground, VersionsOf } from "../../contract/transport/Ground.ts"
import { openNode } from "./Node.ts"

const ids = ["n1", "n2", "n3"].map((id) => NodeId.make(id))
const [address, elsewhere] = [{ host: "memory", port: 1 }, { host: "memory", port: 2 }]

export interface MemoryGround extends Ground {
  readonly network: Network["Service"]
}

/** Each node speaks versions of its own. */
export const memoryGroundOf = Effect.fnUntraced(function*(
  versionsOf: VersionsOf
): Effect.fn.Return<MemoryGround, never, Scope.Scope> {
  const network = Context.get(yield* Layer.build(Network.layer), Network)
  let stores = 0
  return {
    network,
    open: (id, named = ids.filter((other) => other !== id)) => {
      const peers = new Map(named.map((other) => [other, address]))
      return openNode(id, peers, `store-${++stores}`, elsewhere).pipe(
        Effect.provide(TransportMemory.layer({ versions: versionsOf(id) })),
        Effect.provideService(Network, network)
      )
    },
    address: () => address,
    ownAddress: () => elsewhere,
    partition: network.partition,
    hold: network.hold,
    repair: network.repair,
    pass,
    until
  }
})

export const memoryGround = memoryGroundOf(() => ourVersions)

/**
 * Lets time pass, and first lets come to rest what is under way: the clock waits for the fibers that
 * it wakes, and not for those that the test has woken.
 */
export const pass = (time: Duration.Input): Effect.Effect<void> => Effect.andThen(rest, TestClock.adjust(time))

const restTurns = 100
const rest = Effect.replicateEffect(Effect.yieldNow, restTurns, { discard: true })

/** Moves the clock until an effect has ended, but not for ever. */
export const until = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect)
  for (let turns = 0; turns < restTurns && fiber.pollUnsafe() === undefined; turns++) yield* Effect.yieldNow
  for (let millis = 0; millis < 20_000 && fiber.pollUnsafe() === undefined; millis += 5) yield* TestClock.adjust(5)
  assert.isDefined(fiber.pollUnsafe(), "it has come within 20 seconds")
  return yield* Fiber.join(fiber)
})
