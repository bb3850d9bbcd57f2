/**
 * One run: a cluster of pure cores with lock tables and clients, under the faults of its scenario, with every invariant
 * checked after every step; then everything is mended, and the cluster must recover and serve whoever still waits.
 *
 * The same scenario gives the same run, step by step.
 */
import { Event } from "../../raft/Event.ts"
import { type Member, NodeId } from "../../raft/Membership.ts"
import type { RaftMessage } from "../../raft/RaftMessage.ts"
import { type Chronicle, unread } from "../Chronicle.ts"
import { Rng } from "../Rng.ts"
import { isPunctual, type Scenario } from "../Scenario.ts"
import { Schedule } from "../Schedule.ts"
import { ClientLink } from "./ClientLink.ts"
import { Clients, Counts } from "./Clients.ts"
import { type Core, core as ourCore } from "./Core.ts"
import { Faults } from "./Faults.ts"
import { Holdings } from "./Holdings.ts"
import { all } from "./invariants/all.ts"
import { encode, Machine } from "./Machine.ts"
import { Network } from "./Network.ts"
import type { Listener, NodeContext } from "./NodeContext.ts"
import { Operator } from "./Operator.ts"
import { recover } from "./recovery.ts"
import { SimNode } from "./SimNode.ts"
import { Tally } from "./Tally.ts"
import { tell } from "./telling.ts"
import { checkedAll, Violation } from "./Violation.ts"
import type { Turn, World } from "./World.ts"

export interface Choices {
  readonly core?: Core
  readonly chronicle?: (schedule: Schedule) => Chronicle
}

export const simulate = (scenario: Scenario, { chronicle = () => unread, core = ourCore }: Choices = {}): Tally => {
  const schedule = new Schedule()
  try {
    return run(scenario, { core, schedule, chronicle: chronicle(schedule) })
  } catch (cause) {
    throw new Violation(scenario, schedule.now, cause)
  }
}

interface Context {
  readonly core: Core
  readonly schedule: Schedule
  readonly chronicle: Chronicle
}

const run = (scenario: Scenario, { chronicle, core, schedule }: Context): Tally => {
  const rng = new Rng(scenario.seed)
  const world: World = {
    nodes: [],
    foundingQuorum: Math.floor(scenario.voters / 2) + 1,
    committed: [],
    configs: [],
    reference: new Machine(),
    now: () => schedule.now,
    isShrinking: () => false
  }
  const tally = new Tally()
  const parts: Parts = { faults: undefined!, network: undefined!, operator: undefined! }
  const listener = watch(world, scenario, tally, chronicle, parts)
  const nodes = nodesOf({ core, scenario, schedule, listener }, rng)
  const context = { world, scenario, schedule, chronicle }
  parts.network = new Network({
    nodes,
    scenario,
    schedule,
    rng: rng.fork(),
    dismissed: (node) => parts.operator.removed(node)
  })
  const { network } = parts
  const faults = parts.faults = new Faults({ ...context, network, rng: rng.fork() })
  const operator = parts.operator = new Operator({ ...context, network, rng: rng.fork() })
  Object.assign(world, { nodes, isShrinking: () => operator.isRemoving() })
  const clients = clientsOf(context, nodes, rng.fork())

  network.dial()
  operator.begin()
  faults.begin()
  clients.all.begin()
  load(world, scenario, schedule, rng.fork())
  schedule.run(scenario.faultyMillis)
  tally.faulted(faults, network, nodes)
  tally.removals = operator.removals

  faults.end()
  operator.end()
  clients.link.isPerfect = true
  tally.recovered(recover(world, scenario, schedule, clients.all))
  tally.clients(clients.counts)
  return tally
}

interface Parts {
  faults: Faults
  network: Network
  operator: Operator
}

/** Every step of every node goes by all invariants, and to whoever else must know of it. */
const watch = (world: World, scenario: Scenario, tally: Tally, chronicle: Chronicle, parts: Parts): Listener => {
  const invariants = all(world, scenario)
  const onSent = invariants.filter(({ sends }) => sends !== undefined)
  const onTurn = invariants.filter(({ turned }) => turned !== undefined)
  const watchSent = (node: SimNode, to: NodeId, message: RaftMessage): void => {
    checkedAll(onSent, ({ sends }) => sends!(node, to, message))
  }
  return {
    turned: (node, before, actions) => {
      const turn: Turn = { node, before, after: node.state!, actions }
      checkedAll(onTurn, ({ turned }) => turned!(turn))
      tally.turned(world.now(), turn)
      if (chronicle.isKept) tell(chronicle, turn)
      parts.operator.turned(node)
      if (before.role._tag !== "Leader" && node.isLeader) parts.faults.elected(node)
      if (actions.some(({ _tag }) => _tag === "InstallSnapshot")) parts.faults.installing(node)
      if (parts.network.sent > messagesMax(scenario)) throw new Error("livelock: nodes answer each other without end")
    },
    sends: (node, { message, to }) => {
      watchSent(node, to, message)
      parts.network.send(node, to, message)
    },
    sendsSnapshot: (node, { message, to }) => {
      watchSent(node, to, message)
      parts.network.sendSnapshot(node, to, message)
    },
    restarted: (node) => {
      checkedAll(invariants, ({ restarted }) => restarted?.(node))
    }
  }
}

/** Many times what the busiest run takes. */
const messagesMax = ({ faultyMillis }: Scenario): number => 40 * (faultyMillis + 10_000)

const clientsOf = (
  context: { readonly scenario: Scenario; readonly schedule: Schedule; readonly chronicle: Chronicle },
  nodes: ReadonlyArray<SimNode>,
  rng: Rng
) => {
  const { scenario, schedule } = context
  const counts = new Counts()
  const link = new ClientLink(scenario, schedule, rng.fork())
  const isStrict = isPunctual(scenario)
  const holdings = new Holdings(() => schedule.now, isStrict)
  return {
    counts,
    link,
    all: new Clients({ ...context, nodes, link, holdings, counts, isPunctual: isStrict }, rng.fork())
  }
}

/** Whoever is not a member to begin with is told none; half of those ask to be let in. */
const nodesOf = (context: Omit<NodeContext, "members" | "asks" | "rng">, rng: Rng): ReadonlyArray<SimNode> => {
  const members = membersOf(context.scenario)
  return idsOf(context.scenario).map((id, at) =>
    new SimNode(id, at, {
      ...context,
      members: at < members.length ? members : [],
      asks: at % 2 === 0,
      rng: rng.fork()
    })
  )
}

const idsOf = ({ learners, spares, voters }: Scenario): ReadonlyArray<NodeId> =>
  Array.from({ length: voters + learners + spares }, (_, at) => NodeId.make(`node${at + 1}`))

const membersOf = (scenario: Scenario): ReadonlyArray<Member> =>
  idsOf({ ...scenario, spares: 0 }).map((nodeId, at) => ({
    nodeId,
    raft: `${nodeId}:9081`,
    voter: at < scenario.voters,
    storeId: null
  }))

/** Everyone who believes to lead is given work, deposed or not. */
const load = ({ nodes }: World, scenario: Scenario, schedule: Schedule, rng: Rng): void => {
  let count = 0
  const every = (millis: number, event: () => Event): void =>
    schedule.after(millis * (0.5 + rng.next()), () => {
      for (const node of nodes) if (node.isLeader) node.offer(event())
      every(millis, event)
    })
  every(scenario.proposeMillis, () => Event.Proposed({ bytes: encode([]), time: 0 }))
  every(scenario.readMillis, () => Event.ReadRequested({ read: count += 1 }))
}
