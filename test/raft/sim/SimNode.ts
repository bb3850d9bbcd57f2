/**
 * One simulated node: the pure core behind an inbox and a disk, as the shell has it. It takes all that
 * is in the inbox as one batch, writes once, syncs once, and only then lets go of what promised
 * durability. A crash loses what was not synced.
 */
import type { Action, HardState } from "../../../src/raft/Action.ts"
import { LogIndex, Term } from "../../../src/raft/Entry.ts"
import { Event } from "../../../src/raft/Event.ts"
import { ClusterId, type Member, type NodeId, StoreId } from "../../../src/raft/Membership.ts"
import type * as RaftCore from "../../../src/raft/RaftCore.ts"
import * as RaftLog from "../../../src/raft/RaftLog.ts"
import type * as RaftState from "../../../src/raft/RaftState.ts"
import type { Step } from "../../../src/raft/Step.ts"
import { type Options, timings } from "./Options.ts"
import type { Rng } from "./Rng.ts"
import type { Schedule } from "./Schedule.ts"

/** The core under test; a planted bug has another one. */
export interface Core {
  readonly step: typeof RaftCore.step
  readonly steps: typeof RaftCore.steps
  readonly initial: typeof RaftState.initial
}

export interface Disk {
  readonly storeId: StoreId
  readonly hardState: HardState
  readonly log: RaftLog.RaftLog
}

/** What happens at a node, for whoever watches and for the network. */
export interface Listener {
  readonly turned: (node: SimNode, before: RaftState.RaftState, actions: ReadonlyArray<Action>) => void
  readonly sends: (node: SimNode, action: Extract<Action, { _tag: "Send" | "SendAfterSync" }>) => void
  readonly restarted: (node: SimNode) => void
}

export class SimNode {
  readonly id: NodeId
  disk: Disk
  /** Undefined while the node is down. */
  state: RaftState.RaftState | undefined
  wipes = 0
  pausedUntil = 0
  syncMillisMax: number
  /** Counts lives: what an earlier life has scheduled is void. */
  life = 0
  readonly #inbox: Array<Event> = []
  readonly #core: Core
  readonly #options: Options
  readonly #members: ReadonlyArray<Member>
  readonly #schedule: Schedule
  readonly #rng: Rng
  readonly #listener: Listener
  /** How many of its own milliseconds pass in one of real time. */
  readonly #clockRate: number
  #isBusy = false
  #isWoken = false
  #unwritten: Disk | undefined

  constructor(
    id: NodeId,
    context: {
      readonly core: Core
      readonly options: Options
      readonly members: ReadonlyArray<Member>
      readonly schedule: Schedule
      readonly rng: Rng
      readonly listener: Listener
    }
  ) {
    this.id = id
    this.#core = context.core
    this.#options = context.options
    this.syncMillisMax = context.options.syncMillisMax
    this.#members = context.members
    this.#schedule = context.schedule
    this.#rng = context.rng
    this.#listener = context.listener
    this.#clockRate = 1 - context.options.clockSpread + 2 * context.options.clockSpread * this.#rng.next()
    this.disk = this.#emptyDisk()
  }

  get isUp(): boolean {
    return this.state !== undefined
  }

  get isLeader(): boolean {
    return this.state?.role._tag === "Leader"
  }

  start(): void {
    if (this.state) return
    this.life += 1
    this.state = this.#core.initial({
      self: this.id,
      storeId: this.disk.storeId,
      clusterIdToMint: ClusterId.make(`minted-by-${this.disk.storeId}`),
      initialMembers: this.#members,
      hardState: this.disk.hardState,
      entries: RaftLog.slice(this.disk.log, LogIndex.make(1), this.disk.log.lastIndex),
      settings: this.#options.settings
    })
    this.#armElection(0, "timeout")
    this.#listener.restarted(this)
  }

  /** A write that was under way may or may not be on the disk. */
  crash(): void {
    if (this.#unwritten && this.#rng.chance(0.5)) this.disk = this.#unwritten
    this.#unwritten = undefined
    this.state = undefined
    this.#inbox.length = 0
    this.#isBusy = false
    this.#isWoken = false
    this.life += 1
  }

  wipe(): void {
    this.crash()
    this.wipes += 1
    this.disk = this.#emptyDisk()
  }

  pause(millis: number): void {
    this.pausedUntil = this.#schedule.now + millis
    this.#inThisLife(millis, () => this.#wake())
  }

  offer(event: Event): void {
    if (!this.state) return
    this.#inbox.push(event)
    this.#wake()
  }

  #emptyDisk(): Disk {
    return {
      storeId: StoreId.make(`store-${this.id}-${this.wipes}`),
      hardState: { term: Term.make(0), votedFor: null },
      log: RaftLog.empty()
    }
  }

  #wake(): void {
    if (this.#isWoken || this.#isBusy || this.#inbox.length === 0) return
    this.#isWoken = true
    const wait = Math.max(0, this.pausedUntil - this.#schedule.now)
    this.#inThisLife(wait + (this.#rng.chance(0.3) ? this.#rng.next() : 0), () => {
      this.#isWoken = false
      if (this.pausedUntil > this.#schedule.now) return
      this.#turn()
    })
  }

  #turn(): void {
    const state = this.state
    if (!state) return
    this.#isBusy = true
    this.#perform(state, this.#core.steps(state, this.#inbox.splice(0)), [])
  }

  #perform(before: RaftState.RaftState, [after, actions]: Step, earlier: ReadonlyArray<Action>): void {
    this.state = after
    this.#listener.turned(this, before, actions)
    if (before.role._tag !== "Leader" && after.role._tag === "Leader") this.#lead(after.term)
    for (const action of actions) if (action._tag === "Send") this.#listener.sends(this, action)
    const all = [...earlier, ...actions]
    this.#unwritten = written(this.disk, actions)
    if (this.#unwritten) this.#inThisLife(this.#rng.next() * this.syncMillisMax, () => this.#synced(all))
    else this.#settle(all)
  }

  #synced(actions: ReadonlyArray<Action>): void {
    const state = this.state
    if (!state) return
    this.disk = this.#unwritten ?? this.disk
    this.#unwritten = undefined
    const persisted = Event.Persisted({ term: state.term, index: state.log.lastIndex })
    this.#perform(state, this.#core.step(state, persisted), actions)
  }

  #settle(actions: ReadonlyArray<Action>): void {
    for (const action of actions) if (action._tag === "SendAfterSync") this.#listener.sends(this, action)
    const arming = actions.findLast((action) => action._tag === "ArmElectionTimer")
    if (arming?._tag === "ArmElectionTimer") this.#armElection(arming.arming, arming.after)
    this.#isBusy = false
    this.#wake()
  }

  #armElection(arming: number, after: "timeout" | "lost-leader"): void {
    const { electionMillisMax, electionMillisMin, lostLeaderMillisMax, lostLeaderMillisMin } = timings
    const timeout = after === "timeout"
      ? this.#rng.between(electionMillisMin, electionMillisMax)
      : this.#rng.between(lostLeaderMillisMin, lostLeaderMillisMax)
    this.#timer(electionMillisMin, () => this.offer(Event.LeaderSilent({ arming })))
    this.#timer(timeout, () => this.offer(Event.ElectionTimedOut({ arming })))
  }

  #lead(term: Term): void {
    const every = (millis: number, event: Event): void =>
      this.#timer(millis, () => {
        if (this.state?.term !== term || !this.isLeader) return
        this.offer(event)
        every(millis, event)
      })
    every(timings.heartbeatMillis, Event.HeartbeatDue({ term }))
    every(timings.electionMillisMin, Event.QuorumCheckDue({ term }))
  }

  /** Waits so long by the node's own clock. */
  #timer(millis: number, run: () => void): void {
    this.#inThisLife(millis / this.#clockRate, run)
  }

  #inThisLife(millis: number, run: () => void): void {
    const { life } = this
    this.#schedule.after(millis, () => {
      if (this.life === life) run()
    })
  }
}

/** The disk after these writes, or undefined if there are none. */
const written = (disk: Disk, actions: ReadonlyArray<Action>): Disk | undefined => {
  let { hardState, log } = disk
  for (const action of actions) {
    if (action._tag === "PersistHardState") hardState = action.hardState
    if (action._tag === "PersistEntries") {
      const kept = RaftLog.truncateAfter(log, LogIndex.make(action.entries[0]!.index - 1))
      log = RaftLog.append(kept, action.entries)
    }
  }
  return log === disk.log && hardState === disk.hardState ? undefined : { ...disk, log, hardState }
}
