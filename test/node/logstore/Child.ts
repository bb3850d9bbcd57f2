/**
 * Starts `child.main.ts` as a process of its own and listens to what it says. It is gone when the scope closes.
 */
import { Effect, Queue, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { Said } from "./child.main.ts"

export interface Child {
  /** The next thing that it says; undefined when it has ended. */
  readonly next: Effect.Effect<Said | undefined>
  /** What it says until it ends. */
  readonly rest: Effect.Effect<ReadonlyArray<Said>>
  readonly kill: Effect.Effect<void>
}

const script = new URL("./child.main.ts", import.meta.url).pathname

/** How to run a command in other circumstances, such as a limit: a shell line in which "$@" is the command. */
export const startChild = (
  dataDir: string,
  mode: "hold" | "write" | "fill",
  circumstances = `exec "$@"`
): Effect.Effect<Child, never, Scope.Scope> =>
  Effect.gen(function*() {
    const said = yield* Queue.unbounded<Said | undefined>()
    const command = [process.execPath, "--no-warnings", script, dataDir, mode]
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn("sh", ["-c", circumstances, "sh", ...command], { stdio: ["pipe", "pipe", "inherit"] })),
      killAndWait
    )
    const lines = createInterface({ input: child.stdout })
    lines.on("line", (line) => Queue.offerUnsafe(said, JSON.parse(line) as Said))
    lines.on("close", () => Queue.offerUnsafe(said, undefined))
    return { next: Queue.take(said), rest: takeRest(said), kill: killAndWait(child) }
  })

const killAndWait = (child: ChildProcess) =>
  Effect.callback<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.on("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

const takeRest = Effect.fnUntraced(function*(said: Queue.Dequeue<Said | undefined>) {
  const all: Array<Said> = []
  for (let next = yield* Queue.take(said); next !== undefined; next = yield* Queue.take(said)) all.push(next)
  return all
})
