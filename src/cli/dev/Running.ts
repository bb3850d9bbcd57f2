/**
 * The nodes that run, and what can be done to one of them on purpose: it is stopped, killed, frozen, let go on, or
 * started again. None of it happens by itself. One that somebody else has started meanwhile, in a terminal of its own,
 * is known as such and left alone.
 */
import { Deferred, Effect, type Scope } from "effect"
import { statusOf } from "../../client/AdminClient.ts"
import type { Action, Controlled, State } from "./Control.ts"
import type { DevJson } from "./DevJson.ts"
import type { NodeProcess } from "./NodeProcess.ts"
import type { PlannedNode } from "./Plan.ts"

interface Entry {
  readonly node: PlannedNode
  process: NodeProcess | null
  /** It, or what it was when it ran last. */
  latest: NodeProcess
  isFrozen: boolean
  /** It runs, and we have not started it. */
  isElsewhere: boolean
}

export interface Running extends Controlled {
  /** Succeeds when none of them runs any more. */
  readonly nobody: Effect.Effect<void>
  readonly stopAll: Effect.Effect<void>
}

type Spawn<E, R> = (node: PlannedNode) => Effect.Effect<NodeProcess, E, R | Scope.Scope>

export const make = Effect.fnUntraced(function*<E, R>(
  started: ReadonlyArray<NodeProcess>,
  devJson: DevJson,
  spawn: Spawn<E, R>
) {
  const context = yield* Effect.context<R | Scope.Scope>()
  const nobody = yield* Deferred.make<void>()
  const entries = entriesOf(started)
  let isStopping = false

  /** Tells of a node's end, once, and then whether it runs elsewhere. */
  const watch = Effect.fnUntraced(function*(entry: Entry, process: NodeProcess) {
    const { nodeId } = entry.node.config
    const { how, isInOrder } = yield* process.ended
    entry.process = null
    entry.isFrozen = false
    // Whoever hears of it finds it in the file.
    yield* Effect.ignore(devJson.setPids([[nodeId, null]]))
    const told = `${nodeId} ${how}; it is not started again`
    if (!isInOrder) yield* Effect.logWarning(told)
    else if (!isStopping) yield* Effect.logInfo(told)
    if ([...entries.values()].every((other) => other.process === null)) yield* Deferred.succeed(nobody, undefined)
    while (entry.process === null && entry.latest === process) {
      yield* Effect.sleep("1 second")
      yield* lookElsewhere(entry)
    }
  })

  const start = Effect.fnUntraced(function*(entry: Entry) {
    const { nodeId } = entry.node.config
    const process = yield* spawn(entry.node)
    entry.process = process
    entry.latest = process
    yield* Effect.forkScoped(watch(entry, process))
    yield* Effect.ignore(devJson.setPids([[nodeId, process.pid]]))
    // What cannot start says so soon.
    const failed = Effect.flatMap(process.ended, ({ how }) => Effect.fail(`${nodeId} ${how}`))
    yield* process.listening.pipe(Effect.raceFirst(failed), Effect.timeoutOption(startMillisMax))
  })

  for (const entry of entries.values()) yield* Effect.forkScoped(watch(entry, entry.process!))

  return {
    nobody: Deferred.await(nobody),
    stopAll: Effect.suspend(() => {
      isStopping = true
      return Effect.forEach(entries.values(), stopOf, { concurrency: "unbounded", discard: true })
    }),
    state: () => [...entries.values()].map((entry) => ({ nodeId: entry.node.config.nodeId, state: stateOf(entry) })),
    act: (nodeId, action) =>
      Effect.suspend(() => {
        const entry = entries.get(nodeId)
        if (entry === undefined) return Effect.fail(`there is no ${nodeId} in this cluster`)
        return act(entry, action, Effect.mapError(Effect.provideContext(start(entry), context), String))
      })
  } satisfies Running as Running
})

const entriesOf = (started: ReadonlyArray<NodeProcess>): ReadonlyMap<string, Entry> =>
  new Map(started.map((process) => [
    process.node.config.nodeId,
    { node: process.node, process, latest: process, isFrozen: false, isElsewhere: false }
  ]))

/** Fails with why not. */
const act = (entry: Entry, action: Action, start: Effect.Effect<unknown, string>): Effect.Effect<void, string> => {
  const { nodeId } = entry.node.config
  if (entry.process === null) {
    return Effect.flatMap(lookElsewhere(entry), () => {
      if (entry.isElsewhere) return Effect.fail(`${nodeId} runs, and ${notOurs}: stop it there, and start it here`)
      return action === "start" ? Effect.asVoid(start) : Effect.fail(`${nodeId} does not run`)
    })
  }
  if (action === "start") return Effect.fail(`${nodeId} runs already`)
  if (action === "stop") return Effect.asVoid(Effect.forkDetach(stopOf(entry)))
  return Effect.sync(() => signal(entry, action))
}

const notOurs = "was not started by this holdfast dev but in another terminal"

/** Shorter than a page waits for an answer. */
const startMillisMax = 15_000

const stateOf = ({ isElsewhere, isFrozen, process }: Entry): State => {
  if (process === null) return isElsewhere ? "elsewhere" : "stopped"
  return isFrozen ? "frozen" : "running"
}

/** Whether a node of that name answers where ours would. Says so when that changes. */
const lookElsewhere = Effect.fnUntraced(function*(entry: Entry) {
  const { host, nodeId, rpcPort } = entry.node.config
  const isElsewhere = yield* statusOf({ host, port: rpcPort }).pipe(
    Effect.timeout("500 millis"),
    Effect.match({ onSuccess: (status) => status.nodeId === nodeId, onFailure: () => false })
  )
  if (entry.process !== null || entry.isElsewhere === isElsewhere) return
  entry.isElsewhere = isElsewhere
  yield* Effect.logInfo(
    isElsewhere
      ? `${nodeId} runs, and ${notOurs}: it is stopped there`
      : `${nodeId}, which was started in another terminal, runs no more`
  )
})

// One that is frozen hears of nothing but its death.
const stopOf = (entry: Entry): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (entry.isFrozen) signal(entry, "resume")
    return entry.process?.stop ?? Effect.void
  })

const signals = { kill: "SIGKILL", freeze: "SIGSTOP", resume: "SIGCONT" } as const

const signal = (entry: Entry, action: keyof typeof signals): void => {
  entry.isFrozen = action === "freeze"
  try {
    if (entry.process !== null) process.kill(entry.process.pid, signals[action])
  } catch {
    // It has just ended by itself, which its watcher tells.
  }
}
