/**
 * One simulated node: the pure core behind an inbox and a disk, as the shell has it. It takes all that
 * is in the inbox as one batch, writes once, syncs once, and only then lets go of what promised
 * durability and applies what is committed. A crash loses what was not synced. Now and then it takes a
 * snapshot of what it has applied, while it goes on.
 */
import type { Action } from "../../../src/raft/Action.ts"
import type * as Compaction from "../../../src/raft/Compaction.ts"
import { LogIndex, type Term } from "../../../src/raft/Entry.ts"
import { Event } from "../../../src/raft/Event.ts"
import { ClusterId, type Member, type NodeId, StoreId } from "../../../src/raft/Membership.ts"
import type * as RaftCore from "../../../src/raft/RaftCore.ts"
import * as RaftLog from "../../../src/raft/RaftLog.ts"
import type { RaftMessage } from "../../../src/raft/RaftMessage.ts"
import type * as RaftState from "../../../src/raft/RaftState.ts"
import type { Snapshot } from "../../../src/raft/Snapshot.ts"
import type { Step } from "../../../src/raft/Step.ts"
import { type Disk, emptyDisk, recovered, stages, type Stored } from "./Disk.ts"
import * as Machine from "./Machine.ts"
import { type Options, timings } from "./Options.ts"
import type { Rng } from "./Rng.ts"
import type { Schedule } from "./Schedule.ts"

/** The core under test; a planted bug has another one. */
export interface Core {
  readonly step: typeof RaftCore.step
  readonly steps: typeof RaftCore.steps
  readonly initial: typeof RaftState.initial
  readonly snapshotAt: typeof Compaction.snapshotAt
}

type InstallSnapshot = Extract<RaftMessage, { _tag: "InstallSnapshot" }>

/** What happens at a node, for whoever watches and for the network. */
export interface Listener {
  readonly turned: (node: SimNode, before: RaftState.RaftState, actions: ReadonlyArray<Action>) => void
  readonly sends: (node: SimNode, action: Extract<Action, { _tag: "Send" | "SendAfterSync" }>) => void
  readonly sendsSnapshot: (node: SimNode, action: Extract<Action, { _tag: "SendSnapshot" }>) => void
  readonly restarted: (node: SimNode) => void
}

export class SimNode {
  readonly id: NodeId
  disk: Disk
  machine: Machine.Machine = Machine.blank
  /** Undefined while the node is down. */
  state: RaftState.RaftState | undefined
  wipes = 0
  /** Those it is told to begin with. Who is told none may ask to be let in. */
  members: ReadonlyArray<Member>
  asks: boolean
  /** Starts at which a snapshot had outrun the log: a crash came between the two. */
  resets = 0
  pausedUntil = 0
  syncMillisMax: number
  /** Counts lives: what an earlier life has scheduled is void. */
  life = 0
  readonly #inbox: Array<Event> = []
  readonly #core: Core
  readonly #options: Options
  readonly #schedule: Schedule
  readonly #rng: Rng
  readonly #listener: Listener
  /** How many of its own milliseconds pass in one of real time. */
  readonly #clockRate: number
  #isBusy = false
  #isWoken = false
  /** What the disk becomes, step by step. */
  #unwritten: ReadonlyArray<Disk> = []
  /** A snapshot that was taken; the core has not heard of it yet. */
  #taken: Stored | undefined
  /** The bytes of snapshots that have come with a message. */
  #received = new WeakMap<Snapshot, Machine.Machine>()

  constructor(
    id: NodeId,
    context: {
      readonly core: Core
      readonly options: Options
      readonly members: ReadonlyArray<Member>
      readonly asks: boolean
      readonly schedule: Schedule
      readonly rng: Rng
      readonly listener: Listener
    }
  ) {
    this.id = id
    this.#core = context.core
    this.#options = context.options
    this.syncMillisMax = context.options.syncMillisMax
    this.members = context.members
    this.asks = context.asks
    this.#schedule = context.schedule
    this.#rng = context.rng
    this.#listener = context.listener
    this.#clockRate = 1 - context.options.clockSpread + 2 * context.options.clockSpread * this.#rng.next()
    this.disk = emptyDisk(this.#storeId())
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
    const { disk } = this
    this.disk = recovered(disk)
    if (this.disk !== disk) this.resets += 1
    const { log, stored } = this.disk
    this.machine = stored?.machine ?? Machine.blank
    this.state = this.#core.initial({
      self: this.id,
      storeId: this.disk.storeId,
      clusterIdToMint: ClusterId.make(`minted-by-${this.disk.storeId}`),
      initialMembers: this.members,
      hardState: this.disk.hardState,
      start: log.start,
      entries: RaftLog.slice(log, LogIndex.make(1), log.lastIndex),
      snapshot: stored?.snapshot ?? null,
      settings: this.#options.settings
    })
    this.#armElection(0, "timeout")
    this.#takeSnapshots()
    this.#listener.restarted(this)
  }

  /** A write that was under way may or may not be on the disk, or half of it. */
  crash(): void {
    this.disk = this.#rng.pick([this.disk, ...this.#unwritten])
    this.#unwritten = []
    this.#taken = undefined
    this.state = undefined
    this.#inbox.length = 0
    this.#isBusy = false
    this.#isWoken = false
    this.life += 1
  }

  wipe(): void {
    this.crash()
    this.wipes += 1
    this.disk = emptyDisk(this.#storeId())
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

  /** A snapshot with all its bytes. */
  receive(from: NodeId, message: InstallSnapshot, machine: Machine.Machine): void {
    this.#received.set(message.snapshot, machine)
    this.offer(Event.Received({ from, message }))
  }

  #storeId(): StoreId {
    return StoreId.make(`store-${this.id}-${this.wipes}`)
  }

  #takeSnapshots(): void {
    const { snapshotMillis } = this.#options
    if (snapshotMillis === 0) return
    this.#inThisLife(snapshotMillis * (0.5 + this.#rng.next()), () => {
      this.#takeSnapshot(() => this.#takeSnapshots())
    })
  }

  /** It is of what is applied now, and takes a while to get to the disk. */
  #takeSnapshot(andThen: () => void): void {
    const { machine, state } = this
    if (!state || machine.index <= (state.snapshot?.index ?? 0)) return andThen()
    const snapshot = this.#core.snapshotAt(state, LogIndex.make(machine.index))
    this.#inThisLife(this.#rng.next() * this.syncMillisMax * 4, () => {
      this.#taken = { snapshot, machine }
      this.offer(Event.SnapshotTaken({ snapshot }))
      andThen()
    })
  }

  /** It is on the disk before the core hears of it; one that was outrun by the leader's is thrown away. */
  #storeTaken(): void {
    const taken = this.#taken
    this.#taken = undefined
    if (taken && taken.snapshot.index > (this.disk.stored?.snapshot.index ?? 0)) {
      this.disk = { ...this.disk, stored: taken }
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
    this.#storeTaken()
    this.#perform(state, this.#core.steps(state, this.#inbox.splice(0)), [])
  }

  #perform(before: RaftState.RaftState, [after, actions]: Step, earlier: ReadonlyArray<Action>): void {
    this.state = after
    this.#listener.turned(this, before, actions)
    if (before.role._tag !== "Leader" && after.role._tag === "Leader") this.#lead(after.term)
    for (const action of actions) {
      if (action._tag === "Send") this.#listener.sends(this, action)
      if (action._tag === "SendSnapshot") this.#listener.sendsSnapshot(this, action)
    }
    const all = [...earlier, ...actions]
    this.#unwritten = stages(this.disk, actions, this.#received)
    if (this.#unwritten.length > 0) this.#inThisLife(this.#rng.next() * this.syncMillisMax, () => this.#synced(all))
    else this.#settle(all)
  }

  #synced(actions: ReadonlyArray<Action>): void {
    const state = this.state
    if (!state) return
    this.disk = this.#unwritten.at(-1)!
    this.#unwritten = []
    const persisted = Event.Persisted({ term: state.term, index: state.log.lastIndex })
    this.#perform(state, this.#core.step(state, persisted), actions)
  }

  #settle(actions: ReadonlyArray<Action>): void {
    for (const action of actions) if (action._tag === "SendAfterSync") this.#listener.sends(this, action)
    const arming = actions.findLast((action) => action._tag === "ArmElectionTimer")
    if (arming?._tag === "ArmElectionTimer") this.#armElection(arming.arming, arming.after)
    this.#apply(actions)
    this.#isBusy = false
    this.#wake()
  }

  /** Swaps in what was installed, and applies what is committed, not always all of it at once. */
  #apply(actions: ReadonlyArray<Action>): void {
    const { log, commitIndex } = this.state!
    const installed = actions.findLast((action) => action._tag === "InstallSnapshot")
    if (installed?._tag === "InstallSnapshot") this.machine = this.#received.get(installed.snapshot)!
    const until = this.#rng.chance(0.8) ? commitIndex : this.#rng.between(this.machine.index, commitIndex)
    while (this.machine.index < until) {
      const index = LogIndex.make(this.machine.index + 1)
      const entry = RaftLog.entryAt(log, index)
      if (!entry) throw new Error(`${this.id} has to apply entry ${index}, which it lacks`)
      this.machine = Machine.apply(this.machine, entry)
    }
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
