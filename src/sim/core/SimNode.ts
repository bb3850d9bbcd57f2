/**
 * One simulated node: the pure core behind an inbox and a disk, and the lock table behind the core, as the shell has
 * them. It takes all that is in the inbox as one batch, writes once, syncs once, and only then lets go of what promised
 * durability and applies what is committed. A crash loses what was not synced. Now and then it takes a snapshot of what
 * it has applied, while it goes on.
 */
import type { RequestId } from "../../lock/Identifiers.ts"
import type { LockCommand } from "../../lock/LockCommand.ts"
import type { Action } from "../../raft/Action.ts"
import { LogIndex } from "../../raft/Entry.ts"
import { Event } from "../../raft/Event.ts"
import { ClusterId, type Member, type NodeId, StoreId } from "../../raft/Membership.ts"
import * as RaftLog from "../../raft/RaftLog.ts"
import type { RaftMessage } from "../../raft/RaftMessage.ts"
import type * as RaftState from "../../raft/RaftState.ts"
import type { Snapshot } from "../../raft/Snapshot.ts"
import type { Step } from "../../raft/Step.ts"
import type { Rng } from "../Rng.ts"
import { drawRate } from "../Scenario.ts"
import type { Answer } from "./Desk.ts"
import { type Disk, emptyDisk, recovered, stages, type Stored } from "./Disk.ts"
import { Leading } from "./Leading.ts"
import { type Image, Machine } from "./Machine.ts"
import type { NodeContext } from "./NodeContext.ts"
import { Timers } from "./Timers.ts"

type InstallSnapshot = Extract<RaftMessage, { _tag: "InstallSnapshot" }>

export class SimNode {
  readonly id: NodeId
  /** Its place among the nodes. */
  readonly at: number
  disk: Disk
  machine = new Machine()
  /** Undefined while the node is down. */
  state: RaftState.RaftState | undefined
  wipes = 0
  /** Those it is told to begin with. Who is told none may ask to be let in. */
  members: ReadonlyArray<Member>
  asks: boolean
  /** Starts at which a snapshot had outrun the log: a crash came between the two. */
  resets = 0
  pausedUntil = 0
  /** What it writes gets to the disk no sooner than that: the disk is full, or hangs. */
  stuckUntil = 0
  syncMillisMax: number
  /** Counts lives: what an earlier life has scheduled is void. */
  life = 0
  readonly #context: NodeContext
  readonly #rng: Rng
  readonly #timers: Timers
  readonly #leading: Leading
  /** How many of its own milliseconds pass in one of real time, and how far its clock was set back. */
  readonly #clockRate: number
  #clockBack = 0
  readonly #inbox: Array<Event> = []
  #isBusy = false
  #isWoken = false
  /** What the disk becomes, step by step. */
  #unwritten: ReadonlyArray<Disk> = []
  /** A snapshot that was taken; the core has not heard of it yet. */
  #taken: Stored | undefined
  /** The bytes of snapshots that have come with a message. */
  #received = new WeakMap<Snapshot, Image>()

  constructor(id: NodeId, at: number, context: NodeContext) {
    const { asks, core, members, rng, scenario } = context
    const { syncMillisMax, timings } = scenario
    this.id = id
    this.at = at
    this.#context = context
    this.#rng = rng
    this.members = members
    this.asks = asks
    this.syncMillisMax = syncMillisMax
    this.#clockRate = drawRate(scenario, rng)
    this.disk = emptyDisk(this.#storeId())
    const ticking = {
      offer: (event: Event) => this.offer(event),
      tickDue: () => {
        this.#leading.isTickDue = true
        this.#wake()
      },
      now: () => this.#context.schedule.now * this.#clockRate,
      leads: (term: number) => this.state?.term === term && this.isLeader,
      later: (millis: number, run: () => void) => this.#inThisLife(millis / this.#clockRate, run)
    }
    this.#timers = new Timers(ticking, timings, rng.fork())
    this.#leading = new Leading(core, timings, this.#timers, () => this.#now())
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
    this.machine = stored ? Machine.restored(stored.image) : new Machine()
    this.#timers.restart()
    this.#leading.restart(`${this.id}-${this.life}`)
    this.state = this.#context.core.initial({
      self: this.id,
      storeId: this.disk.storeId,
      clusterIdToMint: ClusterId.make(`minted-by-${this.disk.storeId}`),
      initialMembers: this.members,
      hardState: this.disk.hardState,
      start: log.start,
      entries: RaftLog.slice(log, LogIndex.make(1), log.lastIndex),
      snapshot: stored?.snapshot ?? null,
      settings: this.#context.scenario.settings
    })
    this.#timers.armElection(0, "timeout")
    this.#takeSnapshots()
    this.#context.listener.restarted(this)
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
    this.pausedUntil = this.#context.schedule.now + millis
    this.#inThisLife(millis, () => this.#wake())
  }

  /** No monotonic clock goes back; a machine that is broken so must do no harm either. */
  setClockBack(millis: number): void {
    this.#clockBack += millis
  }

  offer(event: Event): void {
    if (!this.state) return
    this.#inbox.push(event)
    this.#wake()
  }

  /** A request of a client. A node that is down says nothing. */
  submit(make: (request: RequestId) => LockCommand, answer: (answer: Answer) => void): RequestId | undefined {
    if (!this.state) return undefined
    const request = this.#leading.desk.submit(make, answer)
    this.#wake()
    return request
  }

  /** The client has hung up: an attempt whose answer is still to come is taken back. */
  hangUp(attempt: RequestId, abandon: (request: RequestId) => LockCommand): void {
    if (this.#leading.desk.awaits(attempt)) this.submit(abandon, () => {})
  }

  /** A snapshot with all its bytes. */
  receive(from: NodeId, message: InstallSnapshot, image: Image): void {
    this.#received.set(message.snapshot, image)
    this.offer(Event.Received({ from, message }))
  }

  #storeId(): StoreId {
    return StoreId.make(`store-${this.id}-${this.wipes}`)
  }

  /** In whole microseconds, as `Alarm.monotonicMillis` has it. */
  #now(): number {
    return Math.floor((this.#context.schedule.now * this.#clockRate - this.#clockBack) * 1000) / 1000
  }

  #takeSnapshots(): void {
    const { snapshotMillis } = this.#context.scenario
    if (snapshotMillis === 0) return
    this.#inThisLife(snapshotMillis * (0.5 + this.#rng.next()), () => this.#takeSnapshot())
  }

  /** It is of what is applied now, and takes a while to get to the disk. */
  #takeSnapshot(): void {
    const { machine, state } = this
    if (!state || machine.index <= (state.snapshot?.index ?? 0)) return this.#takeSnapshots()
    const snapshot = this.#context.core.snapshotAt(state, LogIndex.make(machine.index))
    const finish = machine.beginImage()
    this.#inThisLife(this.#rng.next() * this.syncMillisMax * 4, () => {
      this.#taken = { snapshot, image: finish() }
      this.offer(Event.SnapshotTaken({ snapshot }))
      this.#takeSnapshots()
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
    if (this.#isWoken || this.#isBusy || (this.#inbox.length === 0 && !this.#leading.hasWork)) return
    this.#isWoken = true
    const wait = Math.max(0, this.pausedUntil - this.#context.schedule.now)
    this.#inThisLife(wait + (this.#rng.chance(0.3) ? this.#rng.next() : 0), () => {
      this.#isWoken = false
      if (this.pausedUntil <= this.#context.schedule.now) this.#turn()
    })
  }

  #turn(): void {
    const state = this.state
    if (!state) return
    this.#isBusy = true
    this.#leading.advance()
    this.#storeTaken()
    const stepped = this.#context.core.steps(state, this.#inbox.splice(0))
    this.#leading.changed(state, stepped[0])
    this.#perform(state, this.#leading.serve(stepped, this.machine), [])
  }

  #perform(before: RaftState.RaftState, [after, actions]: Step, earlier: ReadonlyArray<Action>): void {
    const { listener, schedule } = this.#context
    this.state = after
    listener.turned(this, before, actions)
    if (before.role._tag !== "Leader" && after.role._tag === "Leader") this.#timers.lead(after.term)
    for (const action of actions) {
      if (action._tag === "Send") listener.sends(this, action)
      if (action._tag === "SendSnapshot") listener.sendsSnapshot(this, action)
    }
    const all = earlier.length === 0 ? actions : [...earlier, ...actions]
    this.#unwritten = stages(this.disk, actions, this.#received)
    if (this.#unwritten.length === 0) return this.#settle(all)
    const stuck = Math.max(0, this.stuckUntil - schedule.now)
    this.#inThisLife(stuck + this.#rng.next() * this.syncMillisMax, () => this.#synced(all))
  }

  #synced(actions: ReadonlyArray<Action>): void {
    const state = this.state
    if (!state) return
    this.disk = this.#unwritten.at(-1)!
    this.#unwritten = []
    const persisted = { _tag: "Persisted", term: state.term, index: state.log.lastIndex } as const
    this.#perform(state, this.#context.core.step(state, persisted), actions)
  }

  #settle(actions: ReadonlyArray<Action>): void {
    let arming: Extract<Action, { _tag: "ArmElectionTimer" }> | undefined
    for (const action of actions) {
      if (action._tag === "SendAfterSync") this.#context.listener.sends(this, action)
      if (action._tag === "ArmElectionTimer") arming = action
      if (action._tag === "InstallSnapshot") this.machine = Machine.restored(this.#received.get(action.snapshot)!)
    }
    if (arming) this.#timers.armElection(arming.arming, arming.after)
    this.#apply()
    this.#leading.armTick(this.state!, this.machine)
    this.#isBusy = false
    this.#wake()
  }

  /** Applies what is committed, not always all of it at once. */
  #apply(): void {
    const { log, commitIndex } = this.state!
    const until = this.#rng.chance(0.8) ? commitIndex : this.#rng.between(this.machine.index, commitIndex)
    while (this.machine.index < until) {
      const index = LogIndex.make(this.machine.index + 1)
      const entry = RaftLog.entryAt(log, index)
      if (!entry) throw new Error(`${this.id} has to apply entry ${index}, which it lacks`)
      this.#leading.desk.settle(this.machine.apply(entry))
    }
  }

  #inThisLife(millis: number, run: () => void): void {
    const { life } = this
    this.#context.schedule.after(millis, () => {
      if (this.life === life) run()
    })
  }
}
