/**
 * A cluster in memory for the tests of programs that use locks: the real client and the real lock table, on the test's
 * clock and without a network, so that a lock is lost exactly where a test wants it to be.
 *
 * It decides at once what it is asked; only time that a test lets pass passes.
 */
import { Clock, Context, Effect, Layer, type Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import type { LockView } from "../api/Locks.ts"
import type { InvalidRequest } from "../api/Problems.ts"
import { type EngineOptions, engineOver } from "../client/ClientOptions.ts"
import { Client } from "../client/engine/Client.ts"
import { LeaseClock, MachineUptime } from "../client/LeaseClock.ts"
import { fromEngine, LockClient } from "../client/LockClient.ts"
import { ClientTransport } from "../client/transport/ClientTransport.ts"
import { RaftNode } from "../node/RaftNode.ts"
import { hashOf } from "../server/cluster/SessionIds.ts"
import { ClusterStatus } from "../server/ClusterStatus.ts"
import { Events } from "../server/Events.ts"
import * as EventsNode from "../server/EventsNode.ts"
import { Locks } from "../server/Locks.ts"
import * as LocksCluster from "../server/LocksCluster.ts"
import { Conversations } from "../server/rpc/Conversations.ts"
import { HeldLocks } from "./HeldLocks.ts"
import * as MemoryNode from "./MemoryNode.ts"
import { Standstill } from "./Standstill.ts"
import { make as makeTestClient, TestClient } from "./TestClient.ts"
import { makeTransport, Wire } from "./Wire.ts"

/**
 * A cluster in memory, on the clock of the test, with a `LockClient` for the program and a `TestClient` for its test.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { TestClock } from "effect/testing"
 * import { LockClient } from "holdfast"
 * import { TestCluster } from "holdfast/testing"
 *
 * const program = Effect.gen(function*() {
 *   const { client, look } = yield* TestCluster
 *   const { locks: others } = yield* client({ label: "another process" })
 *   yield* others.acquire("report")
 *   const refusal = yield* Effect.flip((yield* LockClient).tryAcquire("report"))
 *   console.log(refusal._tag, (yield* look("report")).holders.map(({ label }) => label))
 * })
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide([TestCluster.layer(), TestClock.layer()])))
 * ```
 */
export class TestCluster extends Context.Service<TestCluster, {
  /** Another client of the same cluster, in a process of its own, for as long as the scope. */
  readonly client: (options?: EngineOptions) => Effect.Effect<TestClient["Service"], InvalidRequest, Scope.Scope>
  /** What a lock is like now, as the cluster knows it: who holds it, and how many wait. */
  readonly look: (name: string) => Effect.Effect<LockView>
}>()("holdfast/testing/TestCluster") {
  /**
   * A new cluster, and one client of it: `LockClient` for the program, `TestClient` for its test.
   */
  static readonly layer = (
    options: EngineOptions = {}
  ): Layer.Layer<TestCluster | TestClient | LockClient, InvalidRequest> =>
    Layer.fresh(
      Layer.effect(LockClient, Effect.map(TestClient, ({ locks }) => locks)).pipe(
        Layer.provideMerge(Layer.effect(TestClient, Effect.flatMap(TestCluster, ({ client }) => client(options)))),
        Layer.provideMerge(Layer.effect(TestCluster, make)),
        Layer.provide(services)
      )
    )
}

// Ids of sessions need no secrecy here, and are the same in each run.
const countedBytes = () => {
  let drawn = 0
  return SecureRandom.make((size) => {
    drawn += 1
    return new TextEncoder().encode(String(drawn).padEnd(size, "-")).slice(0, size)
  })
}

const services = Layer.mergeAll(Conversations.layer, EventsNode.layer).pipe(
  Layer.provide(
    Layer.succeed(ClusterStatus, {
      status: Effect.succeed({
        nodeId: "test",
        state: "LEADER" as const,
        term: 1,
        leaderId: null,
        commitIndex: 0,
        lastApplied: 0,
        lastLogIndex: 0,
        members: [],
        uptimeMs: 0,
        version: ""
      }),
      ready: Effect.succeed(true)
    })
  ),
  Layer.provideMerge(LocksCluster.layer),
  Layer.provideMerge(MemoryNode.layer),
  Layer.provide(Layer.sync(SecureRandom.SecureRandom, countedBytes))
)

const make = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const node = yield* RaftNode
  const locks = yield* Locks
  const conversations = yield* Conversations
  const events = yield* Events
  const endSession: ConstructorParameters<typeof HeldLocks>[0] = (id) => {
    node.propose((request) => ({ _tag: "EndSession", request, session: hashOf(id) }), 0, () => {})
  }
  return TestCluster.of({
    look: (name) => Effect.orDie(locks.get(name, "linearizable")),
    client: Effect.fnUntraced(function*(options = {}) {
      const wire = new Wire()
      const standstill = new Standstill(clock, wire)
      const held = new HeldLocks(endSession)
      const transport = makeTransport(wire, conversations, events)
      const engine = Layer.effect(Client, Effect.map(Client, (client) => held.watching(client))).pipe(
        Layer.provide(engineOver(options)),
        Layer.provide([Layer.succeed(ClientTransport, transport), LeaseClock.layer]),
        Layer.provide([Layer.succeed(MachineUptime, () => 0), Layer.succeed(Clock.Clock, standstill.clock)])
      )
      const context = yield* Layer.build(Layer.fresh(Layer.provide(fromEngine, engine)))
      yield* Effect.addFinalizer(() => Effect.sync(() => standstill.end()))
      return makeTestClient({ locks: Context.get(context, LockClient), wire, standstill, held })
    })
  })
})
