/**
 * Another system for locks, as it is measured: a cluster of its own on this machine, and a load on it. Where what it
 * needs is missing, it says how to install it.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { join } from "node:path"

/** Of one run: cycles in a second, and how long an acquire took. */
export interface Figures {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
}

export interface Asked {
  readonly workers: number
  readonly seconds: number
  readonly hot: boolean
}

export interface System {
  readonly name: string
  /** Null when it cannot be asked, as one hot lock of a system whose waiters poll. */
  readonly run: (asked: Asked) => Effect.Effect<Figures | null>
}

const isThere = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Which of these programs are not on the path. */
export const missing = (programs: ReadonlyArray<string>): ReadonlyArray<string> => {
  const folders = (process.env["PATH"] ?? "").split(":")
  return programs.filter((program) => !folders.some((folder) => isThere(join(folder, program))))
}

/** A process for as long as the scope is open. What it prints is of interest to nobody. */
export const daemon = (command: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}) =>
  Effect.acquireRelease(
    Effect.sync(() => spawn(command, args, { stdio: "ignore", env: { ...process.env, ...env } })),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  )

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
