/**
 * Nodes on real sockets of this machine, on a real clock whose hours are long: what a node waits for takes several
 * times as long as it says, so that a stall of a busy machine is not taken for a peer that is silent.
 *
 * Between any two of them is a relay for each direction, because sockets cannot be broken from outside; its port is
 * held from the beginning, so that nobody else can take it.
 */
import { assert } from "@effect/vitest"
import { Clock, Context, Duration, Effect, Layer, Logger, type Scope } from "effect"
import * as Net from "node:net"
import type { Address, TransportError } from "../../../src/node/Transport.ts"
import type { Versions } from "../../../src/node/transport/Preamble.ts"
import * as TransportTcp from "../../../src/node/transport/TransportTcp.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import type { Ground, VersionsOf } from "../../contract/transport/Ground.ts"
import { openNode, type TestNode } from "./Node.ts"
import { listening, makeRelay, type Relay } from "./Relay.ts"

export const host = "127.0.0.1"

const ids = ["n1", "n2", "n3"].map((id) => NodeId.make(id))

/** The relay by which one node dials another. */
type Relays = ReadonlyMap<NodeId, ReadonlyMap<NodeId, Relay>>

/** Each node speaks versions of its own. */
export const tcpGroundOf = Effect.fnUntraced(function*(
  versionsOf: VersionsOf
): Effect.fn.Return<Ground, never, Scope.Scope> {
  const relays = yield* makeRelays
  const between = (from: NodeId, to: NodeId): Relay => relays.get(from)!.get(to)!
  let stores = 0
  const addressOf = (from: NodeId, to: NodeId) => ({ host, port: between(from, to).port })
  return {
    open: (id, named = ids.filter((other) => other !== id)) =>
      open(id, new Map(named.map((to) => [to, addressOf(id, to)])), relays, `store-${++stores}`, versionsOf(id)),
    address: addressOf,
    ownAddress: (id) => ({ host, port: between(ids.find((other) => other !== id)!, id).target! }),
    partition: (a, b) => Effect.sync(() => [between(a, b), between(b, a)].forEach((relay) => relay.cut())),
    hold: (from, to) =>
      Effect.sync(() => {
        between(from, to).hold("onward")
        between(to, from).hold("back")
      }),
    repair: (a, b) => Effect.sync(() => [between(a, b), between(b, a)].forEach((relay) => relay.mend())),
    pass: (time) => Effect.provideService(Effect.sleep(time), Clock.Clock, slow),
    until: (effect) =>
      Effect.timeoutOrElse(effect, { duration: "30 seconds", orElse: () => assert.fail("it has not come in time") })
  }
})

const slowness = 3

/** What keeps the time of nodes. The transport asks it for nothing but to wait. */
const slow: Clock.Clock = ((clock) =>
  Object.assign(Object.create(clock), {
    sleep: (time: Duration.Duration) => clock.sleep(Duration.times(time, slowness))
  }))(Context.get(Context.empty(), Clock.Clock))

const makeRelays = Effect.gen(function*() {
  const relays = new Map<NodeId, Map<NodeId, Relay>>()
  for (const from of ids) {
    const onward = new Map<NodeId, Relay>()
    for (const to of ids) if (to !== from) onward.set(to, yield* makeRelay)
    relays.set(from, onward)
  }
  return relays
})

/** Opens a node on any free port, and leads to it whoever dials it. */
const open = Effect.fnUntraced(function*(
  id: NodeId,
  peers: ReadonlyMap<NodeId, Address>,
  relays: Relays,
  storeId: string,
  versions: Versions
) {
  const [node, port] = yield* onFreePort((port) => {
    const listen = { host, port }
    return Effect.provide(openNode(id, peers, storeId, listen), [
      TransportTcp.layer({ listen, versions }),
      Logger.layer([]),
      Layer.succeed(Clock.Clock, slow)
    ])
  })
  for (const others of relays.values()) {
    const relay = others.get(id)
    if (relay !== undefined) relay.target = port
  }
  return node
})

/** Another process may take a free port before it is used; then another port is found. */
export const onFreePort = <R>(
  use: (port: number) => Effect.Effect<TestNode, TransportError, R>
): Effect.Effect<readonly [TestNode, number], TransportError, R> =>
  freePort.pipe(
    Effect.flatMap((port) => Effect.map(use(port), (node) => [node, port] as const)),
    Effect.retry({ times: 5, while: ({ message }) => message.includes("the port is in use") })
  ) as never

/** A port that was free a moment ago. */
export const freePort: Effect.Effect<number> = Effect.scoped(
  Effect.map(listening(() => {}), (server) => (server.address() as Net.AddressInfo).port)
)
