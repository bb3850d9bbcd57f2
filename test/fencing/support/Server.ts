/**
 * Servers of others that a test starts for itself, reachable by a socket in a directory of their own and by nobody
 * else. Where one is not installed, its tests are skipped, and say so.
 */
import { Effect } from "effect"
import { execFile, spawn } from "node:child_process"
import { accessSync, constants, globSync } from "node:fs"
import { delimiter, join } from "node:path"
import { until } from "../../e2e/harness/Until.ts"

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Where a program is: on the path, or where else it may be. */
export const find = (program: string, elsewhere: ReadonlyArray<string> = []): string | null => {
  const places = [...(process.env["PATH"] ?? "").split(delimiter), ...elsewhere]
  return places.map((place) => join(place, program)).findLast(isProgram) ?? null
}

/** The directories of Debian's versions of PostgreSQL, which are not on the path. */
export const postgresqlPlaces = globSync("/usr/lib/postgresql/*/bin")

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The user that runs it. */
export interface As {
  readonly uid?: number
  readonly gid?: number
}

export interface Surroundings extends As {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program to its end. */
export const runProgram = (
  path: string,
  args: ReadonlyArray<string>,
  input = "",
  surroundings: Surroundings = {}
): Effect.Effect<Said> =>
  Effect.callback((resume) => {
    const child = execFile(path, args, { cwd: "/", ...surroundings, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1
      resume(Effect.succeed({ code, stdout, stderr }))
    })
    child.stdin?.on("error", () => {}).end(input)
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** Runs a server until the scope closes, and waits until it answers. */
export const serve = (path: string, args: ReadonlyArray<string>, isUp: Effect.Effect<boolean>, as: As = {}) =>
  Effect.gen(function*() {
    let said = ""
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        const server = spawn(path, args, { ...as, cwd: "/" })
        for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => said += String(text))
        return server
      }),
      (server) =>
        Effect.callback<void>((resume) => {
          server.once("close", () => resume(Effect.void))
          // Quick and without ceremony: its data are not needed any more.
          server.kill("SIGQUIT")
        })
    )
    yield* until(`${path} answers`, Effect.map(isUp, (up) => up ? true : null)).pipe(
      Effect.mapError((late) => new Error(`${late.message}: ${said}`)),
      Effect.orDie
    )
  })
