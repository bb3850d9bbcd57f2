/**
 * Does what the core asks for, in the order that keeps its promises: what promises nothing leaves at
 * once, then everything is written and synced together, then leaves what promised durability, and
 * then what is committed is applied (figure 2; dissertation §10.2.1).
 */
import { Effect, Random } from "effect"
import type { Action } from "../raft/Action.ts"
import type { Entry, LogIndex, Position } from "../raft/Entry.ts"
import type { NodeId } from "../raft/Membership.ts"
import * as RaftCore from "../raft/RaftCore.ts"
import type { RaftMessage } from "../raft/RaftMessage.ts"
import { isLeading, type RaftState } from "../raft/RaftState.ts"
import type { Step } from "../raft/Step.ts"
import * as Applying from "./Applying.ts"
import type { LogStoreError, LogWrite } from "./LogStore.ts"
import * as PeerMarks from "./peers/PeerMarks.ts"
import { flush, post, type Shell } from "./Shell.ts"
import * as Fetching from "./snapshots/Fetching.ts"
import * as Installing from "./snapshots/Installing.ts"
import * as Offering from "./snapshots/Offering.ts"
import * as ElectionDelay from "./time/ElectionDelay.ts"

export const perform = Effect.fnUntraced(function*(shell: Shell, [first, wanted]: Step) {
  let state = first
  let actions = wanted
  const later: Array<Action> = []
  while (actions.length > 0) {
    const isWaiting = sendNow(shell, state, actions)
    yield* sendSnapshots(shell, actions)
    later.push(...actions)
    const write = collect(shell, actions)
    const installs = actions.findLast((action) => action._tag === "InstallSnapshot")
    if (!write && !installs) break
    // Lets what can go by now go to the network before this thread waits for the disk.
    if (isWaiting) yield* Effect.yieldNow
    if (isLeading(state)) Applying.applyDurable(shell, state)
    if (installs) yield* Installing.adopt(shell, installs)
    if (write) yield* persist(shell, write)
    if (installs) Installing.swap(shell, installs)
    const synced = RaftCore.step(state, { _tag: "Persisted", term: state.term, index: state.log.lastIndex })
    state = synced[0]
    actions = synced[1]
  }
  shell.state = state
  sendSynced(shell, later)
  yield* flush(shell)
  const armed = later.findLast((action) => action._tag === "ArmElectionTimer")
  if (armed) yield* armElection(shell, state, armed)
  confirmReads(shell, later)
  Applying.apply(shell, state)
  Fetching.over(shell)
  return state
})

/**
 * A leader's AppendEntries go to its followers at once; what else needs no sync goes with the turn's messages. So do
 * the last words to a follower that is let go, or of a leader that gives way: their replicators end with this turn.
 * Returns whether something waits for its connection.
 */
const sendNow = (shell: Shell, state: RaftState, actions: ReadonlyArray<Action>): boolean => {
  const replicated = new Map<NodeId, Array<RaftMessage>>()
  for (const action of actions) {
    if (action._tag !== "Send") continue
    const { message, to } = action
    const isReplicated = message._tag === "AppendEntries" && isLeading(state) && state.role.progress.has(to) &&
      shell.replicators?.has(to)
    const gathered = replicated.get(to)
    if (!isReplicated) post(shell, to, { _tag: "Raft", message })
    else if (gathered) gathered.push(message)
    else replicated.set(to, [message])
  }
  return replicated.size > 0 && shell.replicators!.replicate(replicated)
}

const sendSnapshots = (shell: Shell, actions: ReadonlyArray<Action>): Effect.Effect<void> => {
  const offers = actions.filter((action) => action._tag === "SendSnapshot")
  if (offers.length === 0) return Effect.void
  return Effect.forEach(offers, ({ message, to }) => Offering.offer(shell, to, message), { discard: true })
}

const sendSynced = (shell: Shell, actions: ReadonlyArray<Action>): void => {
  for (const action of actions) {
    if (action._tag === "SendAfterSync") post(shell, action.to, { _tag: "Raft", message: action.message })
  }
}

/** Everything there is to write, as one write: a later truncation takes earlier entries of the batch with it. */
const collect = ({ marks }: Shell, actions: ReadonlyArray<Action>): LogWrite | null => {
  let hardState: LogWrite["hardState"] = null
  let reset: Position | null = null
  let compactTo: LogIndex | null = null
  const entries: Array<Entry> = []
  for (const action of actions) {
    if (action._tag === "PersistHardState") hardState = action.hardState
    if (action._tag === "InstallSnapshot" && !action.keepsLog) {
      reset = Installing.endOf(action)
      entries.length = 0
    }
    if (action._tag === "CompactLog") compactTo = action.to
    if (action._tag !== "PersistEntries") continue
    const from = action.entries[0]!.index
    while (entries.length > 0 && entries.at(-1)!.index >= from) entries.pop()
    entries.push(...action.entries)
  }
  const isNothing = !hardState && entries.length === 0 && !reset && compactTo === null
  return isNothing ? null : { hardState, reset, entries, compactTo, peers: PeerMarks.takeUnwritten(marks) }
}

/**
 * Writes and syncs. A full disk stops the node here, with nothing acknowledged, until there is room
 * again; any other failure ends it, because a failed sync must not be retried.
 */
const persist = (shell: Shell, write: LogWrite): Effect.Effect<void, LogStoreError> =>
  Effect.suspend(() => {
    const since = shell.now()
    return Effect.matchEffect(shell.logStore.write(write), {
      onSuccess: () => {
        const millis = shell.now() - since
        shell.metrics.appendSeconds.observe(millis / 1000)
        shell.traces?.persisted(write.entries, millis)
        return shell.stalled === null ? Effect.void : resume(shell)
      },
      onFailure: (error) => error.reason === "full" ? waitForRoom(shell, write, error) : Effect.fail(error)
    })
  })

const waitForRoom = (shell: Shell, write: LogWrite, error: LogStoreError): Effect.Effect<void, LogStoreError> =>
  stall(shell, error).pipe(
    Effect.andThen(Effect.sleep("500 millis")),
    Effect.andThen(persist(shell, write))
  )

const stall = (shell: Shell, { message }: LogStoreError) =>
  Effect.suspend(() => {
    if (shell.stalled !== null) return Effect.void
    shell.stalled = message
    shell.leaderlessSince ??= shell.now()
    return Effect.annotateLogs(Effect.logError("takes no writes until there is room on the disk"), { reason: message })
  })

const resume = (shell: Shell) =>
  Effect.suspend(() => {
    shell.stalled = null
    return Effect.logInfo("there is room on the disk again: takes writes")
  })

type Arming = Extract<Action, { _tag: "ArmElectionTimer" }>

/** Only the last arming of a turn counts. The draw is this node's own, so that votes do not split (§5.2). */
const armElection = (shell: Shell, state: RaftState, { after, arming }: Arming): Effect.Effect<void> => {
  const { timings } = shell.config
  return Effect.map(Random.nextIntBetween(...ElectionDelay.bounds(timings, state, after)), (delay) => {
    const now = shell.now()
    shell.election = { arming, silentAtMillis: now + timings.electionMillisMin, timeoutAtMillis: now + delay }
    shell.electionMoved()
  })
}

const confirmReads = (shell: Shell, actions: ReadonlyArray<Action>): void => {
  for (const action of actions) {
    if (action._tag !== "ConfirmRead") continue
    const requests = shell.unconfirmed.get(action.read)
    shell.unconfirmed.delete(action.read)
    if (requests) shell.confirmed.push({ index: action.index, requests, isDecided: false })
  }
}
