/**
 * What happened in a run, so that a hollow one is noticed: a simulation in which nothing is elected,
 * nothing falls and nothing commits proves nothing. And a hash of all steps, to tell two runs apart.
 */
import type { Action } from "../../raft/Action.ts"
import type { Entry } from "../../raft/Entry.ts"
import type { Member } from "../../raft/Membership.ts"
import { membersOf, type RaftState } from "../../raft/RaftState.ts"
import type { Counts } from "./Clients.ts"
import type { Faults } from "./Faults.ts"
import type { Network } from "./Network.ts"
import type { SimNode } from "./SimNode.ts"
import type { Turn } from "./World.ts"

export class Tally {
  turns = 0
  elections = 0
  /** Leaders that stepped down while they were up. */
  depositions = 0
  commits = 0
  reads = 0
  truncations = 0
  /** Stores recorded after entry 1. */
  records = 0
  crashes = 0
  wipes = 0
  cuts = 0
  pauses = 0
  stuckDisks = 0
  clockSteps = 0
  /** What clients did and what became of it. */
  sessions = 0
  grants = 0
  releases = 0
  hangUps = 0
  losses = 0
  vanished = 0
  clientPauses = 0
  /** Changes of the membership by kind; nodes told that they are removed; transfers, and elections they led to. */
  additions = 0
  promotions = 0
  demotions = 0
  leavings = 0
  removals = 0
  transfers = 0
  handovers = 0
  lost = 0
  repeated = 0
  /** Snapshots that nodes took, sent, failed to send and installed, with the log kept or without. */
  snapshots = 0
  snapshotsSent = 0
  transfersLost = 0
  installs = 0
  installsKeepingLog = 0
  compactions = 0
  /** Logs that a crash left behind an installed snapshot. */
  resets = 0
  recoveryMillisMax = 0
  hash = 0x811c9dc5

  turned(now: number, { actions, after, before, node }: Turn): void {
    this.turns += 1
    if (before.role._tag !== "Leader" && after.role._tag === "Leader") this.elections += 1
    if (before.role._tag === "Leader" && after.role._tag !== "Leader") this.depositions += 1
    this.commits += after.commitIndex - before.commitIndex
    let installs = false
    let handsOver = false
    for (const action of actions) {
      installs ||= action._tag === "InstallSnapshot"
      handsOver ||= asksForTransfer(action)
      if (action._tag === "ConfirmRead") this.reads += 1
      if (action._tag === "SendSnapshot") this.snapshotsSent += 1
      if (action._tag === "CompactLog") this.compactions += 1
      if (action._tag === "InstallSnapshot") this[action.keepsLog ? "installsKeepingLog" : "installs"] += 1
      if (action._tag !== "PersistEntries") continue
      const [first] = action.entries
      if (first && first.index <= before.log.lastIndex) this.truncations += 1
      if (first && after.role._tag === "Leader") this.#appended(before, first)
    }
    if (isHandingOver(after) && !isHandingOver(before)) this.transfers += 1
    if (handsOver) this.handovers += 1
    if (after.snapshot !== before.snapshot && !installs) this.snapshots += 1
    const { commitIndex, log, role, term } = after
    const place = node.id.charCodeAt(4)
    this.#mix(now * 1000)
    this.#mix(place)
    this.#mix(role._tag.length)
    this.#mix(term)
    this.#mix(log.lastIndex)
    this.#mix(commitIndex)
    this.#mix(actions.length)
  }

  /** A leader has appended an entry: what does it make of the membership? */
  #appended(before: RaftState, { index, payload }: Entry): void {
    if (payload._tag !== "Config" || index === 1) return
    const [was, is] = [membersOf(before), payload.membership.members]
    const change = is.length > was.length ? "additions" : is.length < was.length ? "leavings" : changeOf(was, is)
    this[change] += 1
  }

  faulted(
    { clockSteps, crashes, cuts, pauses, stuckDisks, wipes }: Faults,
    { lost, repeated, transfersLost }: Network,
    nodes: ReadonlyArray<SimNode>
  ): void {
    const resets = nodes.reduce((sum, node) => sum + node.resets, 0)
    Object.assign(this, { resets, crashes, cuts, pauses, stuckDisks, clockSteps, wipes, lost, repeated, transfersLost })
  }

  recovered(millis: number): void {
    this.recoveryMillisMax = millis
  }

  clients({ grants, hangUps, losses, pauses, releases, sessions, vanished }: Counts): void {
    Object.assign(this, { grants, hangUps, losses, clientPauses: pauses, releases, sessions, vanished })
    for (const count of [grants, hangUps, losses, pauses, releases, sessions, vanished]) this.#mix(count)
  }

  /** This and another run together. */
  add(other: Tally): void {
    for (const key of counted) this[key] += other[key]
    this.recoveryMillisMax = Math.max(this.recoveryMillisMax, other.recoveryMillisMax)
    this.#mix(other.hash)
  }

  /** What a run, or many together, must have seen to prove anything. */
  missing(kinds: ReadonlyArray<Counted> = counted): ReadonlyArray<Counted> {
    return kinds.filter((key) => this[key] === 0)
  }

  counts(): Readonly<Record<Counted, number>> {
    return Object.fromEntries(counted.map((key) => [key, this[key]])) as Record<Counted, number>
  }

  #mix(part: number): void {
    this.hash = Math.imul(this.hash ^ part, 0x01000193) >>> 0
  }
}

const asksForTransfer = (action: Action): boolean =>
  action._tag === "SendAfterSync" && action.message._tag === "RequestVote" && action.message.transfer

const isHandingOver = ({ role }: RaftState): boolean => role._tag === "Leader" && role.transfer !== null

const changeOf = (was: ReadonlyArray<Member>, is: ReadonlyArray<Member>): "promotions" | "demotions" | "records" => {
  const voters = (members: ReadonlyArray<Member>) => members.filter(({ voter }) => voter).length
  return voters(is) > voters(was) ? "promotions" : voters(is) < voters(was) ? "demotions" : "records"
}

const counted = [
  "turns",
  "elections",
  "depositions",
  "commits",
  "reads",
  "truncations",
  "records",
  "crashes",
  "wipes",
  "cuts",
  "pauses",
  "stuckDisks",
  "clockSteps",
  "sessions",
  "grants",
  "releases",
  "hangUps",
  "losses",
  "vanished",
  "clientPauses",
  "additions",
  "promotions",
  "demotions",
  "leavings",
  "removals",
  "transfers",
  "handovers",
  "lost",
  "repeated",
  "snapshots",
  "snapshotsSent",
  "transfersLost",
  "installs",
  "installsKeepingLog",
  "compactions",
  "resets"
] as const

export type Counted = (typeof counted)[number]
