/**
 * The nodes that run, and what can be done to one of them on purpose: it is stopped, killed, frozen, let go on, or
 * started again. None of it happens by itself.
 */
import { Deferred, Effect, type Scope } from "effect"
import type { Controlled } from "./Control.ts"
import type { DevJson } from "./DevJson.ts"
import type { NodeProcess } from "./NodeProcess.ts"
import type { PlannedNode } from "./Plan.ts"

interface Entry {
  readonly node: PlannedNode
  process: NodeProcess | null
  isFrozen: boolean
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
  const entries = new Map<string, Entry>(
    started.map((process) => [process.node.config.nodeId, { node: process.node, process, isFrozen: false }])
  )

  /** Tells of a node's end, once. */
  const watch = Effect.fnUntraced(function*(entry: Entry, process: NodeProcess) {
    const { nodeId } = entry.node.config
    const how = yield* process.ended
    entry.process = null
    entry.isFrozen = false
    yield* Effect.logWarning(`${nodeId} ${how}; it is not started again`)
    yield* Effect.ignore(devJson.setPids([[nodeId, null]]))
    if ([...entries.values()].every((other) => other.process === null)) yield* Deferred.succeed(nobody, undefined)
  })

  const start = Effect.fnUntraced(function*(entry: Entry) {
    const process = yield* spawn(entry.node)
    entry.process = process
    yield* Effect.forkScoped(watch(entry, process))
    yield* Effect.ignore(devJson.setPids([[entry.node.config.nodeId, process.pid]]))
  })

  for (const entry of entries.values()) yield* Effect.forkScoped(watch(entry, entry.process!))

  return {
    nobody: Deferred.await(nobody),
    stopAll: Effect.forEach(entries.values(), stopOf, { concurrency: "unbounded", discard: true }),
    state: () =>
      [...entries.values()].map(({ isFrozen, node, process }) => ({
        nodeId: node.config.nodeId,
        state: process === null ? "stopped" : isFrozen ? "frozen" : "running"
      })),
    act: (nodeId, action) =>
      Effect.suspend(() => {
        const entry = entries.get(nodeId)
        if (entry === undefined) return Effect.fail(`there is no ${nodeId} in this cluster`)
        if (action === "start") {
          if (entry.process !== null) return Effect.fail(`${nodeId} runs already`)
          return Effect.mapError(Effect.provideContext(start(entry), context), String)
        }
        if (entry.process === null) return Effect.fail(`${nodeId} does not run`)
        if (action === "stop") return Effect.asVoid(Effect.forkDetach(stopOf(entry)))
        return Effect.sync(() => signal(entry, action))
      })
  } satisfies Running as Running
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
