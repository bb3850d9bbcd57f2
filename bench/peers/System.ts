/**
 * Another system for locks, as it is measured: a cluster of its own on this machine, and a load on it. Where what it
 * needs is missing, it says how to install it.
 */
import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { isAbsolute, join } from "node:path"
import { createInterface } from "node:readline"

/** Of one run: cycles in a second, and how long an acquire took. */
export interface Figures {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
}

/** The first second of a load is not counted. */
export interface Asked {
  readonly workers: number
  readonly seconds: number
  readonly hot: boolean
}

export interface System {
  readonly name: string
  /** The processes that a cycle costs time, without the load. */
  readonly pids: ReadonlyArray<number>
  /** Null when it cannot be asked, as one hot lock of a system whose waiters poll. */
  readonly run: (asked: Asked) => Effect.Effect<Figures | null>
}

export interface Peer {
  /** Programs on the path, and files. */
  readonly needs: ReadonlyArray<string>
  /** How to install them. */
  readonly hint: string
  /** One cluster, and the ways in which it can be used for a lock. */
  readonly make: Effect.Effect<ReadonlyArray<System>, never, Scope.Scope>
}

const isThere = (path: string, mode: number): boolean => {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

/** Which of these are not there. */
export const missing = (needs: ReadonlyArray<string>): ReadonlyArray<string> => {
  const folders = (process.env["PATH"] ?? "").split(":")
  return needs.filter((need) =>
    isAbsolute(need)
      ? !isThere(need, constants.R_OK)
      : !folders.some((folder) => isThere(join(folder, need), constants.X_OK))
  )
}

/** A process for as long as the scope is open. What it prints is of interest to nobody. */
export const daemon = (command: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => spawn(command, args, { stdio: "ignore", env: { ...process.env, ...env } })),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  ).pipe(Effect.map(({ pid = 0 }) => ({ pid })))

/** A process that answers each line with a line, after a first one that says that it is ready. */
export const conversation = Effect.fnUntraced(function*(command: string, args: ReadonlyArray<string>) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] })),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  )
  const lines = createInterface(child.stdout)
  const answer = Effect.callback<string>((resume) => {
    const ended = () => resume(Effect.die(new Error(`${command} has ended by itself`)))
    child.once("exit", ended)
    lines.once("line", (line) => {
      child.off("exit", ended)
      resume(Effect.succeed(line))
    })
  })
  yield* answer
  return (line: string) =>
    Effect.suspend(() => {
      child.stdin.write(`${line}\n`)
      return answer
    })
})

/** Runs a program to its end and gives what it printed. */
export const output = (command: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}) =>
  Effect.callback<string>((resume) => {
    const child = spawn(command, args, { env: { ...process.env, ...env } })
    let [out, complaints] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text: string) => out += text)
    child.stderr.setEncoding("utf8").on("data", (text: string) => complaints += text)
    child.on("error", (error) => resume(Effect.die(error)))
    child.on(
      "close",
      (code) =>
        resume(
          code === 0 ? Effect.succeed(out) : Effect.die(new Error(`${command} has ended with ${code}: ${complaints}`))
        )
    )
  })
