/**
 * The signals that `holdfast run` gets. While it waits for the lock, those that end a process end the waiting; once
 * the command runs, all of them are the command's. None is lost in between, and none ends this process by itself.
 */
import { Deferred, Effect } from "effect"
import { constants } from "node:os"

/** They end a process that does not catch them. */
const ending = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const

/** They end no waiting. */
const others = ["SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"] as const

export interface Signals {
  /** Waits for the first signal that asks to end. */
  readonly asksToEnd: Effect.Effect<NodeJS.Signals>
  /** Whether one has come, to be known in the same turn. */
  readonly hasAsked: () => boolean
  /** From now on all signals go there; with null, to nobody. */
  readonly passOn: (to: ((signal: NodeJS.Signals) => void) | null) => void
}

/** Catches signals until the scope closes. One that comes twice while nobody passes it on ends the process. */
export const make = Effect.gen(function*() {
  const asked = yield* Deferred.make<NodeJS.Signals>()
  let hasAsked = false
  let target: ((signal: NodeJS.Signals) => void) | null = null
  const onSignal = (signal: NodeJS.Signals) => {
    if (target !== null) return target(signal)
    if (!isEnding(signal)) return
    if (hasAsked) process.exit(codeOf(signal))
    hasAsked = true
    Deferred.doneUnsafe(asked, Effect.succeed(signal))
  }
  // Ctrl-Z stops what is run and then this process, as a shell expects of a job. Nobody renews the lock while it is
  // stopped. A command with a session of its own would take no notice of SIGTSTP.
  const onStop = () => {
    target?.("SIGSTOP")
    process.kill(process.pid, "SIGSTOP")
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      for (const signal of [...ending, ...others]) process.on(signal, onSignal)
      process.on("SIGTSTP", onStop)
    }),
    () =>
      Effect.sync(() => {
        for (const signal of [...ending, ...others]) process.off(signal, onSignal)
        process.off("SIGTSTP", onStop)
      })
  )
  return {
    asksToEnd: Deferred.await(asked),
    hasAsked: () => hasAsked,
    passOn: (to) => {
      target = to
    }
  } satisfies Signals as Signals
})

const isEnding = (signal: NodeJS.Signals): boolean => ending.some((each) => each === signal)

/** What a shell shows for a process that this signal has ended. */
export const codeOf = (signal: string): number =>
  128 + (Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? constants.signals.SIGKILL)
