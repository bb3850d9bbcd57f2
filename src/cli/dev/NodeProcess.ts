/**
 * One node of the cluster as a process of its own, started by the launcher that started us.
 *
 * Its stdin is a pipe that nobody writes to: should this process be killed, the kernel closes the pipe and
 * the node stops. Its own process group keeps the terminal's Ctrl-C from it, so that we stop it in order.
 */
import { Deferred, Effect, Fiber, type PlatformError, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { isListensLine } from "../ListensLine.ts"
import type { PlannedNode } from "./Plan.ts"

export interface NodeProcess {
  readonly node: PlannedNode
  readonly pid: number
  /** Succeeds when the node serves. */
  readonly listening: Effect.Effect<void>
  readonly ended: Effect.Effect<Ended>
  readonly stop: Effect.Effect<void>
}

export interface Ended {
  /** In words: `was killed by SIGKILL`. */
  readonly how: string
  /** Whether it was asked to, and did. */
  readonly isInOrder: boolean
}

export interface SpawnOptions {
  readonly node: PlannedNode
  readonly env: Readonly<Record<string, string>>
  /** Takes each line that the node logs. */
  readonly onLine: (line: string) => Effect.Effect<void>
}

/** Longer than a node takes to stop by itself, so that it is cut short only when it hangs. */
const killMillis = 12_000

export const spawn = Effect.fnUntraced(function*({ env, node, onLine }: SpawnOptions) {
  const handle = yield* ChildProcess.make(
    process.execPath,
    [process.argv[1] ?? "", ...node.args, "--until-stdin-ends"],
    {
      env,
      extendEnv: true,
      forceKillAfter: killMillis
    }
  )
  const isListening = yield* Deferred.make<void>()
  const onOutput = (line: string) => isListensLine(line) ? Deferred.succeed(isListening, undefined) : onLine(line)
  const lastWords: Array<string> = []
  const onLog = (line: string) => {
    // The one message with which a command ends; it is told with the ending.
    if (lastWords.length === 0 && !line.startsWith(lastWordsStart)) return onLine(line)
    lastWords.push(line)
    return Effect.void
  }
  const output = yield* Effect.forkScoped(eachLine(handle.stdout, onOutput))
  const log = yield* Effect.forkScoped(eachLine(handle.stderr, onLog))
  const ended = yield* handle.exitCode.pipe(
    Effect.match({
      onSuccess: (code) => ({ how: `ended with exit code ${code}`, isInOrder: Number(code) === 0 }),
      onFailure: (error) => ({ how: killedBy(error), isInOrder: false })
    }),
    Effect.tap(Fiber.joinAll([output, log])),
    Effect.map(({ how, isInOrder }): Ended => {
      const words = lastWords.length === 0 ? "" : `: ${lastWords.join("\n").slice(lastWordsStart.length)}`
      return { how: how + words, isInOrder }
    }),
    Effect.forkScoped
  )
  return {
    node,
    pid: handle.pid,
    listening: Deferred.await(isListening),
    ended: Fiber.join(ended),
    stop: Effect.ignore(handle.kill())
  } satisfies NodeProcess
})

const lastWordsStart = "holdfast: "

const eachLine = <A>(
  bytes: Stream.Stream<Uint8Array, PlatformError.PlatformError>,
  f: (line: string) => Effect.Effect<A>
) => bytes.pipe(Stream.decodeText(), Stream.splitLines, Stream.runForEach(f), Effect.ignore)

// The spawner tells the signal in the words of its error alone.
const killedBy = (error: PlatformError.PlatformError): string => {
  const signal = /SIG[A-Z0-9]+/.exec(String(error.reason.cause))?.[0]
  return signal === undefined ? `ended: ${error.message}` : `was killed by ${signal}`
}
