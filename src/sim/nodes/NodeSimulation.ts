/**
 * One run of whole nodes and real clients, every layer of production but the two that touch the world, under the same
 * scenario that the core runs, moved by a clock that stands still until it is moved.
 *
 * The same scenario gives the same run.
 */
import { Effect, Fiber, Logger, Random } from "effect"
import { TestClock } from "effect/testing"
import { Network } from "../../node/transport/Network.ts"
import { type Chronicle, unread } from "../Chronicle.ts"
import { Holdings } from "../core/Holdings.ts"
import { Violation } from "../core/Violation.ts"
import { Rng } from "../Rng.ts"
import type { Scenario } from "../Scenario.ts"
import { ClientLinks } from "./ClientLinks.ts"
import { Leaders } from "./Leaders.ts"
import { NodeCluster } from "./NodeCluster.ts"
import { NodeFaults } from "./NodeFaults.ts"
import { NodeTally } from "./NodeTally.ts"
import { Oracle } from "./Oracle.ts"
import { Rules } from "./Rules.ts"
import { visit } from "./Visitor.ts"

/** Runs a scenario; fails with the rule that it broke. */
export const simulateNodes = (
  scenario: Scenario,
  chronicle: (now: () => number) => Chronicle = () => unread
): Effect.Effect<NodeTally, Violation> => {
  const time = { millis: 0 }
  return run(scenario, time, chronicle(() => time.millis)).pipe(
    Effect.catchCause((cause) =>
      Effect.fail(new Violation(scenario, time.millis, (cause.reasons[0] as { defect?: unknown })?.defect ?? cause))
    ),
    Effect.provide(Network.layer),
    // Outside of all else: whatever reads the time is to read this one.
    Effect.provide(TestClock.layer()),
    Effect.provide(Logger.layer([])),
    Random.withSeed(`seed ${scenario.seed}`)
  )
}

interface Time {
  millis: number
}

const run = Effect.fnUntraced(function*(scenario: Scenario, time: Time, chronicle: Chronicle) {
  const stage = yield* setUp(scenario, time, chronicle)
  const { cluster, faults, leaders, rules, tally } = stage
  for (const host of cluster.hosts) yield* cluster.start(host)
  const clients = yield* Effect.forEach(stage.visitors, (visitor) => Effect.forkChild(visit(visitor)))
  let next = 0
  const pass = Effect.fnUntraced(function*() {
    time.millis += stepMillis
    yield* TestClock.adjust(stepMillis)
    yield* stage.links.meddle
    yield* leaders.look
    rules.assert()
  })
  while (time.millis < scenario.faultyMillis) {
    for (; (scenario.faults[next]?.atMillis ?? Infinity) <= time.millis; next++) {
      yield* Effect.forkChild(faults.strike(scenario.faults[next]!))
    }
    yield* pass()
  }
  yield* cluster.heal()
  stage.links.isPerfect = true
  stage.close()
  yield* recover(stage, clients, time, pass)
  Object.assign(tally, { commits: stage.oracle.length, grants: stage.oracle.grants, elections: leaders.count })
  Object.assign(tally, { crashes: cluster.crashes, brokenDisks: cluster.brokenDisks, cuts: faults.cuts })
  Object.assign(tally, { stuckDisks: faults.stuckDisks, linksEnded: stage.links.ended })
  tally.recoveryMillis = time.millis - scenario.faultyMillis
  return tally
}, Effect.scoped)

const stepMillis = 10

type Stage = Effect.Success<ReturnType<typeof setUp>>

const setUp = Effect.fnUntraced(function*(scenario: Scenario, time: Time, chronicle: Chronicle) {
  const rng = new Rng(scenario.seed)
  const rules = new Rules()
  const oracle = new Oracle(rules)
  const network = yield* Network
  const scope = yield* Effect.scope
  const cluster = new NodeCluster({ network, scenario, oracle, rules, rng: rng.fork(), chronicle, scope })
  const links = new ClientLinks(cluster, scenario, rng.fork())
  const tally = new NodeTally()
  let isClosing = false
  const holdings = new Holdings(() => time.millis, true)
  const shared = { scenario, links, holdings, rules, chronicle, tally, isClosing: () => isClosing, told: new Map() }
  const count = Math.max(2, scenario.clients.count)
  return {
    cluster,
    links,
    rules,
    oracle,
    tally,
    faults: new NodeFaults(cluster, scenario, rng.fork(), chronicle),
    leaders: new Leaders(cluster, rules, chronicle),
    visitors: Array.from({ length: count }, (_, at) => ({ ...shared, name: `client${at + 1}`, rng: rng.fork() })),
    close: () => {
      isClosing = true
    }
  }
})

/** Nothing goes wrong any more: everyone is served and leaves, and nothing is left behind. */
const recover = Effect.fnUntraced(function*(
  { cluster, oracle }: Stage,
  clients: ReadonlyArray<Fiber.Fiber<void>>,
  time: Time,
  pass: () => Effect.Effect<void>
) {
  const healedAt = time.millis
  const until = Effect.fnUntraced(function*(what: string, isDone: Effect.Effect<boolean>) {
    while (!(yield* isDone)) {
      if (time.millis > healedAt + recoveryMillisMax) {
        const down = cluster.hosts.filter(({ running }) => !running).map(({ id, refusal }) => `; ${id}: ${refusal}`)
        return yield* Effect.die(new Error(`all is well, and yet ${what}${down.join("")}`))
      }
      yield* pass()
    }
  })
  yield* until("nobody leads", Effect.map(cluster.leader, (leader) => leader !== undefined))
  yield* until("a client waits for ever", Effect.sync(() => clients.every((fiber) => fiber.pollUnsafe() !== undefined)))
  for (const fiber of clients) yield* Fiber.join(fiber)
  const stale = Effect.forEach(cluster.up, ({ locks }) => locks.list({ limit: 1, consistency: "stale" }))
  const sessions = Effect.forEach(cluster.up, ({ locks }) => locks.sessions({ limit: 1, consistency: "stale" }))
  yield* until("a lock is held", Effect.map(Effect.orDie(stale), (all) => all.every((page) => page.locks.length === 0)))
  yield* until(
    "a session lives",
    Effect.map(Effect.orDie(sessions), (all) => all.every((page) => page.sessions.length === 0))
  )
  yield* until("a node is down", Effect.sync(() => cluster.up.length === cluster.hosts.length))
  const statuses = Effect.forEach(cluster.up, ({ node }) => node.status)
  yield* until(
    "somebody is behind",
    Effect.map(statuses, (all) => all.every((one) => one.lastApplied >= oracle.length))
  )
})

const recoveryMillisMax = 30_000
