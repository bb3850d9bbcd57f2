/**
 * One run: a cluster of pure cores under the faults and the load that its seed draws, with every
 * invariant checked after every step; then everything is mended, and the cluster must recover.
 *
 * The same seed gives the same run, step by step.
 */
import { Event } from "../../../src/raft/Event.ts"
import { type Member, NodeId } from "../../../src/raft/Membership.ts"
import type { RaftMessage } from "../../../src/raft/RaftMessage.ts"
import { Faults } from "./Faults.ts"
import { all } from "./invariants/all.ts"
import { Network } from "./Network.ts"
import { Operator } from "./Operator.ts"
import type { Options } from "./Options.ts"
import { Rng } from "./Rng.ts"
import { Schedule } from "./Schedule.ts"
import { type Core, type Listener, SimNode } from "./SimNode.ts"
import { Tally } from "./Tally.ts"
import { latestConfig, type World } from "./World.ts"

/** A run that has broken a rule, told so that it can be repeated. */
export class Violation extends Error {
  constructor(options: Options, atMillis: number, cause: unknown) {
    super(`seed ${options.seed} at ${Math.round(atMillis)} ms: ${cause instanceof Error ? cause.message : cause}`, {
      cause
    })
    this.name = "Violation"
  }
}

export const simulate = (core: Core, options: Options): Tally => {
  const schedule = new Schedule()
  try {
    return run(core, options, schedule)
  } catch (cause) {
    throw new Violation(options, schedule.now, cause)
  }
}

const run = (core: Core, options: Options, schedule: Schedule): Tally => {
  const rng = new Rng(options.seed)
  const world: World = {
    nodes: [],
    foundingQuorum: Math.floor(options.voters / 2) + 1,
    committed: [],
    isShrinking: () => false
  }
  const invariants = all(world)
  const tally = new Tally()
  const watchSent = (node: SimNode, to: NodeId, message: RaftMessage): void => {
    for (const invariant of invariants) checked(invariant.name, () => invariant.sends?.(node, to, message))
  }
  const listener: Listener = {
    turned: (node, before, actions) => {
      const turn = { node, before, after: node.state!, actions }
      for (const invariant of invariants) checked(invariant.name, () => invariant.turned?.(turn))
      tally.turned(schedule.now, turn)
      operator.turned(node)
      if (before.role._tag !== "Leader" && node.isLeader) faults.elected(node)
      if (actions.some(({ _tag }) => _tag === "InstallSnapshot")) faults.installing(node)
      if (network.sent > messagesMax) throw new Error("livelock: nodes answer each other without end")
    },
    sends: (node, { message, to }) => {
      watchSent(node, to, message)
      network.send(node, to, message)
    },
    sendsSnapshot: (node, { message, to }) => {
      watchSent(node, to, message)
      network.sendSnapshot(node, to, message)
    },
    restarted: (node) => {
      for (const invariant of invariants) checked(invariant.name, () => invariant.restarted?.(node))
    }
  }
  const nodes = nodesOf({ core, options, schedule, listener }, rng)
  const dismissed = (node: SimNode): void => operator.removed(node)
  const network = new Network({ nodes, options, schedule, rng: rng.fork(), dismissed })
  const faults = new Faults({ world, network, options, schedule, rng: rng.fork() })
  const operator = new Operator({ world, network, options, schedule, rng: new Rng(options.seed) })
  Object.assign(world, { nodes, isShrinking: () => operator.isRemoving() })

  network.dial()
  operator.begin()
  faults.begin()
  load(world, options, schedule, rng.fork())
  schedule.run(options.faultyMillis)
  tally.faulted(faults, network, nodes)
  tally.removals = operator.removals

  faults.end()
  operator.end()
  recover(world, options, schedule)
  tally.recovered(schedule.now - options.faultyMillis)
  return tally
}

/** Everything is mended: the cluster must commit again, and bring everyone up to date. */
const recover = (world: World, options: Options, schedule: Schedule): void => {
  const { nodes } = world
  const mended = world.committed.length
  const isRecovered = () => world.committed.length > mended && nodes.every((node) => isSettled(world, node, mended))
  schedule.run(options.faultyMillis + recoveryMillisMax, isRecovered)
  if (!isRecovered()) throw new Error(`no recovery: ${nodes.map(describe).join("; ")}`)
}

type NodeContext = Omit<ConstructorParameters<typeof SimNode>[1], "members" | "asks" | "rng">

/** Whoever is not a member to begin with is told none; half of those ask to be let in. */
const nodesOf = (context: NodeContext, rng: Rng): ReadonlyArray<SimNode> => {
  const members = membersOf(context.options)
  return idsOf(context.options).map((id, at) =>
    new SimNode(id, { ...context, members: at < members.length ? members : [], asks: at % 2 === 0, rng: rng.fork() })
  )
}

/** A member knows what is committed since, and whoever asked to be let in is a voter. */
const isSettled = ({ committed }: World, { asks, disk, id, members, state }: SimNode, mended: number): boolean => {
  const member = latestConfig(committed)?.membership.members.find(({ nodeId }) => nodeId === id)
  if (asks && members.length === 0 && !(member?.voter && member.storeId === disk.storeId)) return false
  return !member || (state?.commitIndex ?? 0) > mended
}

/** The longest that a mended cluster may take to elect a leader, commit, and bring every node up to date. */
const recoveryMillisMax = 6000

/** Many times what the busiest run takes. */
const messagesMax = 100_000

const checked = (name: string, check: () => void): void => {
  try {
    check()
  } catch (cause) {
    throw new Error(`${name}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

const idsOf = ({ learners, spares, voters }: Options): ReadonlyArray<NodeId> =>
  Array.from({ length: voters + learners + spares }, (_, at) => NodeId.make(`n${at + 1}`))

const membersOf = (options: Options): ReadonlyArray<Member> =>
  idsOf({ ...options, spares: 0 }).map((nodeId, at) => ({
    nodeId,
    raft: `${nodeId}:9081`,
    voter: at < options.voters,
    storeId: null
  }))

/** Everyone who believes to lead is given work, deposed or not. */
const load = ({ nodes }: World, options: Options, schedule: Schedule, rng: Rng): void => {
  let count = 0
  const every = (millis: number, event: () => Event): void =>
    schedule.after(millis * (0.5 + rng.next()), () => {
      for (const node of nodes) if (node.isLeader) node.offer(event())
      every(millis, event)
    })
  every(options.proposeMillis, () => {
    count += 1
    return Event.Proposed({ bytes: Uint8Array.of(count >> 16, count >> 8, count), time: Math.floor(schedule.now) })
  })
  every(options.readMillis, () => Event.ReadRequested({ read: count += 1 }))
}

const describe = ({ id, state }: SimNode): string =>
  state
    ? `${id} ${state.role._tag} term ${state.term} log ${state.log.lastIndex} commit ${state.commitIndex}`
    : `${id} down`
