/**
 * The `holdfast` command as a process of its own, through the launcher that users run. Whatever happens
 * in a test, the process is gone when its scope closes.
 */
import { Deferred, Effect } from "effect"
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { until } from "./Until.ts"

const launcher = join(import.meta.dirname, "../../../bin/holdfast.js")

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Holdfast {
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits until it has ended and all it said has been read. */
  readonly ended: Effect.Effect<Ended>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly closeStdin: Effect.Effect<void>
  /** Goes away from the other end of its output, as a reader that has died. */
  readonly closeOutput: Effect.Effect<void>
}

export interface Options {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** A command that becomes the process, to start it somewhere else. */
  readonly within?: ReadonlyArray<string>
}

/**
 * What a user's shell would hand over, without the settings that the tests themselves may run under, and
 * with a cache of compiled code: most of what a node takes to start is the compiling of its modules.
 */
const environment = (): NodeJS.ProcessEnv => {
  const inherited = Object.entries(process.env).filter(([name]) =>
    !name.startsWith("HOLDFAST_") && !/^(NODE_OPTIONS|FORCE_COLOR)$/.test(name)
  )
  return { NODE_COMPILE_CACHE: join(tmpdir(), "holdfast-e2e-compile-cache"), ...Object.fromEntries(inherited) }
}

export const run = (args: ReadonlyArray<string>, { cwd, env, within = [] }: Options = {}) =>
  Effect.acquireRelease(
    Effect.sync((): Holdfast => {
      const [command = "", ...rest] = [...within, process.execPath, launcher, ...args]
      const child = spawn(command, rest, { cwd, env: { ...environment(), ...env } })
      const ended = Deferred.makeUnsafe<Ended>()
      const said = { stdout: "", stderr: "" }
      child.stdout.setEncoding("utf8").on("data", (text: string) => said.stdout += text)
      child.stderr.setEncoding("utf8").on("data", (text: string) => said.stderr += text)
      child.on("close", (code, signal) => Deferred.doneUnsafe(ended, Effect.succeed({ code, signal })))
      return {
        pid: child.pid ?? 0,
        stdout: () => said.stdout,
        stderr: () => said.stderr,
        ended: Deferred.await(ended),
        kill: (signal) => Effect.sync(() => void child.kill(signal)),
        closeStdin: Effect.sync(() => void child.stdin.end()),
        closeOutput: Effect.sync(() => {
          child.stdout.destroy()
          child.stderr.destroy()
        })
      }
    }),
    ({ ended, kill }) => Effect.andThen(kill("SIGKILL"), ended)
  )

/** Runs a command that ends by itself. */
export const runToEnd = Effect.fnUntraced(function*(args: ReadonlyArray<string>, options?: Options) {
  const holdfast = yield* run(args, options)
  const { code, signal } = yield* holdfast.ended
  return { code, signal, stdout: holdfast.stdout(), stderr: holdfast.stderr() }
}, Effect.scoped)

/** A process has two cores to share with all the others of a test. */
const startMillisMax = 60_000

/** Waits for a line of stdout. One that has ended will not say it any more. */
export const untilSays = (holdfast: Holdfast, words: RegExp) =>
  until(`stdout says ${words}`, Effect.sync(() => words.exec(holdfast.stdout())), startMillisMax).pipe(
    Effect.raceFirst(
      Effect.flatMap(
        holdfast.ended,
        ({ code, signal }) =>
          Effect.die(new Error(`ended with ${code ?? signal} before it said ${words}: ${holdfast.stderr()}`))
      )
    )
  )

/** Whether a process with this pid runs. One that has ended and whose parent has not asked does not. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch (error) {
    return error instanceof Error && error.message.includes("/proc") && !existsSync("/proc/self")
  }
}
