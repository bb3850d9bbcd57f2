/**
 * One run: a cluster of pure cores under the faults and the load that its seed draws, with every
 * invariant checked after every step; then everything is mended, and the cluster must recover.
 *
 * The same seed gives the same run, step by step.
 */
import type { Action } from "../../../src/raft/Action.ts"
import { Event } from "../../../src/raft/Event.ts"
import { type Member, NodeId } from "../../../src/raft/Membership.ts"
import type { RaftState } from "../../../src/raft/RaftState.ts"
import { Faults } from "./Faults.ts"
import { all } from "./invariants/all.ts"
import { Network } from "./Network.ts"
import type { Options } from "./Options.ts"
import { Rng } from "./Rng.ts"
import { Schedule } from "./Schedule.ts"
import { type Core, SimNode } from "./SimNode.ts"
import { Tally } from "./Tally.ts"
import type { World } from "./World.ts"

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
  const world: World = { nodes: [], quorum: Math.floor(options.voters / 2) + 1, committed: [] }
  const invariants = all(world)
  const tally = new Tally()
  const listener = {
    turned: (node: SimNode, before: RaftState, actions: ReadonlyArray<Action>) => {
      const turn = { node, before, after: node.state!, actions }
      for (const invariant of invariants) checked(invariant.name, () => invariant.turned?.(turn))
      tally.turned(schedule.now, turn)
      if (before.role._tag !== "Leader" && node.isLeader) faults.elected(node)
      if (actions.some(({ _tag }) => _tag === "InstallSnapshot")) faults.installing(node)
      if (network.sent > messagesMax) throw new Error("livelock: nodes answer each other without end")
    },
    sends: (node: SimNode, action: Extract<Action, { _tag: "Send" | "SendAfterSync" }>) => {
      for (const invariant of invariants) {
        checked(invariant.name, () => invariant.sends?.(node, action.to, action.message))
      }
      network.send(node, action.to, action.message)
    },
    sendsSnapshot: (node: SimNode, action: Extract<Action, { _tag: "SendSnapshot" }>) => {
      for (const invariant of invariants) {
        checked(invariant.name, () => invariant.sends?.(node, action.to, action.message))
      }
      network.sendSnapshot(node, action.to, action.message)
    },
    restarted: (node: SimNode) => {
      for (const invariant of invariants) checked(invariant.name, () => invariant.restarted?.(node))
    }
  }
  const members = membersOf(options)
  const nodes = members.map(({ nodeId }) =>
    new SimNode(nodeId, { core, options, members, schedule, rng: rng.fork(), listener })
  )
  Object.assign(world, { nodes })
  const network = new Network({ nodes, options, schedule, rng: rng.fork() })
  const faults = new Faults({ world, network, options, schedule, rng: rng.fork() })

  network.dial()
  faults.begin()
  load(world, options, schedule, rng.fork())
  schedule.run(options.faultyMillis)
  tally.faulted(faults, network, nodes)

  faults.end()
  const mended = world.committed.length
  const isRecovered = () =>
    world.committed.length > mended && nodes.every(({ state }) => (state?.commitIndex ?? 0) > mended)
  schedule.run(options.faultyMillis + recoveryMillisMax, isRecovered)
  if (!isRecovered()) throw new Error(`no recovery: ${nodes.map(describe).join("; ")}`)
  tally.recovered(schedule.now - options.faultyMillis)
  return tally
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

const membersOf = ({ learners, voters }: Options): ReadonlyArray<Member> =>
  Array.from({ length: voters + learners }, (_, at) => ({
    nodeId: NodeId.make(`n${at + 1}`),
    raft: `n${at + 1}:9081`,
    voter: at < voters,
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
