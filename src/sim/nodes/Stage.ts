/**
 * All that takes part in a run of whole nodes, each part with a generator of its own: the nodes and what is done to
 * them, the clients and their links, and those who watch.
 */
import { Clock, Effect } from "effect"
import { Network } from "../../node/transport/Network.ts"
import type { Chronicle } from "../Chronicle.ts"
import { Holdings } from "../core/Holdings.ts"
import { Rng } from "../Rng.ts"
import { drawRate, isPunctual, type Scenario } from "../Scenario.ts"
import { Beliefs } from "./Beliefs.ts"
import { ClientLinks } from "./ClientLinks.ts"
import { Leaders } from "./Leaders.ts"
import { NodeCluster } from "./NodeCluster.ts"
import { NodeFaults } from "./NodeFaults.ts"
import { NodeOperator } from "./NodeOperator.ts"
import { NodeTally } from "./NodeTally.ts"
import { Oracle } from "./Oracle.ts"
import { Readers } from "./Readers.ts"
import { Rules } from "./Rules.ts"
import { drawWallOff, SimClock } from "./SimClock.ts"
import { Stamps } from "./Stamps.ts"
import type { WalkInContext } from "./WalkIn.ts"

export type Stage = Effect.Success<ReturnType<typeof setUp>>

export const setUp = Effect.fnUntraced(function*(scenario: Scenario, chronicle: Chronicle) {
  const rng = new Rng(scenario.seed)
  const clock = yield* Clock.Clock
  const now = () => clock.currentTimeMillisUnsafe()
  const watching = watch(scenario, now)
  const { beliefs, oracle, rules, tally } = watching
  const context = { ...watching, scenario, chronicle, clock, now }
  const cluster = new NodeCluster({
    ...context,
    network: yield* Network,
    rng: rng.fork(),
    scope: yield* Effect.scope
  })
  const links = new ClientLinks(cluster, scenario, rng.fork())
  let isClosing = false
  const operator = new NodeOperator(cluster, scenario, tally, rng.fork())
  const faults = new NodeFaults(cluster, scenario, rng.fork(), chronicle)
  const readers = new Readers(cluster, oracle, scenario, tally, rng.fork())
  const shared = { ...context, cluster, links, isClosing: () => isClosing }
  const visitors = visitorsOf(shared, ["client", Math.max(3, scenario.clients.count)], rng)
  const walkIns = visitorsOf(shared, ["walk-in", scenario.clients.count > 2 ? 2 : 0], rng)
  const close = () => {
    isClosing = true
  }
  const leaders = new Leaders(cluster, rules, chronicle)
  const watchers = { beliefs, rules, oracle, tally, leaders, readers }
  return { ...watchers, cluster, links, faults, operator, visitors, walkIns, close }
})

const watch = (scenario: Scenario, now: () => number) => {
  const rules = new Rules()
  const stamps = new Stamps(rules, now, scenario.clockSpread)
  const holdings = new Holdings(now, isPunctual(scenario))
  const beliefs = new Beliefs(rules, now)
  const oracle = new Oracle({ rules, holdings, beliefs, stamps })
  return { rules, stamps, holdings, beliefs, oracle, tally: new NodeTally() }
}

const visitorsOf = (
  shared: Omit<WalkInContext, "host" | "rng"> & { readonly clock: Clock.Clock },
  [kind, count]: readonly [string, number],
  rng: Rng
): ReadonlyArray<WalkInContext> =>
  Array.from({ length: count }, (_, at) => {
    const own = rng.fork()
    const clock = new SimClock(shared.clock, drawRate(shared.scenario, own), drawWallOff(own))
    return { ...shared, host: { name: `${kind}${at + 1}`, clock, isCutOff: false }, rng: own }
  })
