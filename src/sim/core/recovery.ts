/**
 * The second phase of a run: nothing goes wrong any more, and within a bounded time a leader commits, everyone is up to
 * date, every client has its answer and has left, and the leases of those that are gone have ended, so that no lock is
 * held.
 */
import type { Member } from "../../raft/Membership.ts"
import { type Scenario, slowestRate } from "../Scenario.ts"
import type { Schedule } from "../Schedule.ts"
import type { Clients } from "./Clients.ts"
import type { SimNode } from "./SimNode.ts"
import type { World } from "./World.ts"

/** The longest that a mended cluster may take to elect a leader, commit, and bring every node up to date. */
const recoveryMillisMax = 6000

/** Waits until all is well, and tells how long that took. */
export const recover = (world: World, scenario: Scenario, schedule: Schedule, clients: Clients): number => {
  const { nodes } = world
  const mended = world.committed.length
  const settled = () => world.committed.length > mended && nodes.every((node) => isSettled(world, node, mended))
  if (!wait(schedule, recoveryMillisMax, settled)) throw new Error(`no recovery: ${nodes.map(describe).join("; ")}`)
  clients.close()
  const served = () => clients.haveLeft && nodes.every((node) => node.isUp)
  if (!wait(schedule, servedMillisMax(scenario), served)) throw new Error("a client waits for ever, and all is well")
  const { table } = world.reference
  const locks = () => table.locks({ limit: 1 }, table.time).locks
  if (!wait(schedule, leaseMillisMax(scenario), () => !table.hasSessions && locks().length === 0)) {
    const [sessions, held] = [table.sessions({ limit: 1 }, table.time), locks()].map((one) => JSON.stringify(one))
    throw new Error(`a lease does not end: ${sessions} ${held}`)
  }
  return schedule.now - scenario.faultyMillis
}

const wait = (schedule: Schedule, millisMax: number, isDone: () => boolean): boolean => {
  const until = schedule.now + millisMax
  while (!isDone()) {
    if (schedule.now >= until) return false
    schedule.run(schedule.now + 10)
  }
  return true
}

/** A queue of everyone, each of whom holds for as long as it may, behind a lease that has just been left. */
const servedMillisMax = (scenario: Scenario): number => {
  const { count, holdMillisMax, patienceMillis, thinkMillisMax, ttlMillis, waitMillisMax } = scenario.clients
  const longest = count * (holdMillisMax + 100) + waitMillisMax + thinkMillisMax + 3 * ttlMillis + 8 * patienceMillis
  return longest / slowestRate(scenario) + 1000
}

/** A TTL by the slowest clock, a tick, an election, and a lock-delay on top. */
const leaseMillisMax = (scenario: Scenario): number => {
  const { clients: { ttlMillis }, timings } = scenario
  return ttlMillis / slowestRate(scenario) + 2 * timings.clockTickMillis + timings.electionMillisMax + 500
}

/** A member knows what is committed since, and whoever asked to be let in is a voter if that can be risked. */
const isSettled = (world: World, { asks, disk, id, members, state }: SimNode, mended: number): boolean => {
  const known = world.configs.at(-1)?.membership.members ?? []
  const member = known.find(({ nodeId }) => nodeId === id)
  const isIn = member?.storeId === disk.storeId && (member.voter || isTooMany(world, known))
  if (asks && members.length === 0 && !isIn) return false
  return !member || (state?.commitIndex ?? 0) > mended
}

/** One more voter, and those whose disks are still there would be no majority without it. */
const isTooMany = ({ nodes }: World, members: ReadonlyArray<Member>): boolean => {
  const voters = members.filter(({ voter }) => voter)
  const here = voters.filter(({ nodeId, storeId }) =>
    nodes.some(({ disk, id }) => id === nodeId && disk.storeId === storeId)
  )
  return voters.length > 1 && here.length <= (voters.length + 1) / 2
}

const describe = ({ id, state }: SimNode): string =>
  state
    ? `${id} ${state.role._tag} term ${state.term} log ${state.log.lastIndex} commit ${state.commitIndex}`
    : `${id} down`
