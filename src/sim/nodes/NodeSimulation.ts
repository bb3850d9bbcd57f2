/**
 * One run of whole nodes and real clients, every layer of production but the two that touch the world, under the same
 * scenario that the core runs, moved by a clock that stands still until it is moved.
 *
 * The same scenario gives the same run.
 */
import { Deferred, Effect, Fiber, Logger, Random, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { Network } from "../../node/transport/Network.ts"
import { type Chronicle, unread } from "../Chronicle.ts"
import { Violation } from "../core/Violation.ts"
import { type Scenario, slowestRate } from "../Scenario.ts"
import type { NodeCluster } from "./NodeCluster.ts"
import type { Running } from "./NodeHost.ts"
import type { NodeTally } from "./NodeTally.ts"
import { setUp, type Stage } from "./Stage.ts"
import { visit } from "./Visitor.ts"
import { walkIn } from "./WalkIn.ts"

/** Runs a scenario; fails with the rule that it broke. */
export const simulateNodes = (
  scenario: Scenario,
  chronicle: (now: () => number) => Chronicle = () => unread
): Effect.Effect<NodeTally, Violation> => {
  const time = { millis: 0 }
  return detached(run(scenario, time, chronicle(() => time.millis))).pipe(
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

/** What a run leaves behind may wait for a disk, and nobody moves the clock any more: it is left as it is. */
const detached = <A, E, R>(run: Effect.Effect<A, E, R | Scope.Scope>): Effect.Effect<A, E, Exclude<R, Scope.Scope>> =>
  Effect.gen(function*() {
    const outcome = yield* Deferred.make<A, E>()
    const told = Effect.flatMap(Effect.exit(run), (exit) => Deferred.done(outcome, exit))
    yield* Effect.forkDetach(Effect.scoped(told))
    return yield* Deferred.await(outcome)
  })

interface Time {
  millis: number
}

const run = Effect.fnUntraced(function*(scenario: Scenario, time: Time, chronicle: Chronicle) {
  const stage = yield* setUp(scenario, chronicle)
  const { cluster, faults, leaders, rules, tally } = stage
  yield* cluster.repairAll()
  for (const host of cluster.hosts) yield* cluster.start(host)
  const programs = [...stage.visitors.map(visit), ...stage.walkIns.map(walkIn)]
  const clients = yield* Effect.forEach(programs, (program) => Effect.forkChild(program))
  let next = 0
  const pass = Effect.fnUntraced(function*() {
    // Whoever is hunted as it founds the cluster is to be met before its first word has arrived.
    const stepMillis = scenario.huntsLeaders && leaders.count === 0 ? 1 : stepMillisMax
    time.millis += stepMillis
    yield* TestClock.adjust(stepMillis)
    yield* stage.links.meddle
    yield* leaders.look
    stage.beliefs.look()
    yield* stage.readers.pass(stepMillis)
    yield* stage.operator.pass(stepMillis)
    rules.assert()
  })
  while (time.millis < calm * scenario.faultyMillis) {
    for (; calm * (scenario.faults[next]?.atMillis ?? Infinity) <= time.millis; next++) {
      yield* Effect.forkChild(faults.strike(scenario.faults[next]!))
    }
    for (const host of leaders.takeBegun()) yield* Effect.forkChild(faults.elected(host, leaders.count === 1))
    yield* pass()
  }
  stage.operator.end()
  yield* cluster.heal()
  stage.links.isPerfect = true
  stage.close()
  yield* recover(stage, scenario, clients, time, pass)
  Object.assign(tally, { commits: stage.oracle.length, grants: stage.oracle.grants, elections: leaders.count })
  Object.assign(tally, {
    crashes: cluster.crashes,
    kills: cluster.kills,
    brokenDisks: cluster.brokenDisks,
    cuts: faults.cuts
  })
  Object.assign(tally, { lostDisks: cluster.lostDisks, damagedDisks: cluster.damagedDisks })
  Object.assign(tally, { stuckDisks: faults.stuckDisks, clockSteps: faults.clockSteps })
  Object.assign(tally, { linksEnded: stage.links.ended, cutOffs: stage.links.cutOffs })
  tally.recoveryMillis = time.millis - scenario.faultyMillis
  return tally
})

const stepMillisMax = 10

/** Faults come so much later than in the core's drive: real clients need some calm to have anything to lose. */
const calm = 2

/** Nothing goes wrong any more: everyone is served and leaves, and nothing is left behind. */
const recover = Effect.fnUntraced(function*(
  { cluster, oracle }: Stage,
  scenario: Scenario,
  clients: ReadonlyArray<Fiber.Fiber<void>>,
  time: Time,
  pass: () => Effect.Effect<void>
) {
  const healedAt = time.millis
  const millisMax = recoveryMillisMax / slowestRate(scenario)
  const until = Effect.fnUntraced(function*(what: string, isDone: Effect.Effect<boolean>) {
    while (!(yield* isDone)) {
      if (time.millis > healedAt + millisMax) {
        return yield* Effect.die(new Error(`all is well, and yet ${what}: ${yield* describe(cluster)}`))
      }
      yield* pass()
    }
  })
  yield* until("nobody leads", Effect.map(cluster.leader, (leader) => leader !== undefined))
  yield* until("a client waits for ever", Effect.sync(() => clients.every((fiber) => fiber.pollUnsafe() !== undefined)))
  for (const fiber of clients) yield* Fiber.join(fiber)
  const ofAll = <A, E>(ask: (node: Running) => Effect.Effect<A, E>) =>
    Effect.suspend(() => Effect.forEach(cluster.up, ask))
  const stale = ofAll(({ locks }) => locks.list({ limit: 1, consistency: "stale" }))
  const sessions = ofAll(({ locks }) => locks.sessions({ limit: 1, consistency: "stale" }))
  yield* until("a lock is held", Effect.map(Effect.orDie(stale), (all) => all.every((page) => page.locks.length === 0)))
  yield* until(
    "a session lives",
    Effect.map(Effect.orDie(sessions), (all) => all.every((page) => page.sessions.length === 0))
  )
  yield* until("a node is down", Effect.sync(() => cluster.up.length === cluster.hosts.length))
  const behind = Effect.map(
    ofAll(({ node }) => node.status),
    (all) => all.filter(({ lastApplied }) => lastApplied < oracle.length)
  )
  yield* until("somebody is behind", Effect.map(behind, (all) => all.length === 0))
})

const describe = ({ hosts }: NodeCluster) =>
  Effect.map(
    Effect.forEach(hosts, ({ id, refusal, running }) =>
      running
        ? Effect.map(running.node.status, ({ lastApplied, leaderId, members, role, term }) =>
          `${id} is ${role} in term ${term}, applied ${lastApplied}, leader ${leaderId}, knows ${
            members.map(({ nodeId, voter }) => `${nodeId}${voter ? "" : " (learner)"}`).join(" ")
          }`)
        : Effect.succeed(`${id} is down, ${refusal}`)),
    (all) =>
      all.join("; ")
  )

const recoveryMillisMax = 30_000
