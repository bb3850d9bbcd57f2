/**
 * Runs an example as a user would: a program with Node, a script with the shell, and `holdfast` on the path.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { chmodSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { directory } from "../cli/support/Directory.ts"
import { runProgram } from "../fencing/support/Server.ts"

const project = join(import.meta.dirname, "../..")
const fromSource = join(import.meta.dirname, "fromSource.ts")

/** Most of what `holdfast` takes to start is the compiling of its modules. */
const NODE_COMPILE_CACHE = join(tmpdir(), "holdfast-e2e-compile-cache")

type Variables = Readonly<Record<string, string>>

const prepare = Effect.fnUntraced(function*(file: string, env: Variables, args: ReadonlyArray<string>) {
  const place = yield* directory
  const holdfast = join(place, "holdfast")
  writeFileSync(holdfast, `#!/bin/sh\nexec '${process.execPath}' '${join(project, "bin/holdfast.js")}' "$@"\n`)
  chmodSync(holdfast, 0o755)
  const PATH = [place, join(process.execPath, ".."), process.env["PATH"]].join(delimiter)
  const example = join(project, "examples", file)
  const [program, before] = file.endsWith(".ts") ? [process.execPath, ["--import", fromSource]] : ["/bin/sh", []]
  return {
    program,
    args: [...before, example, ...args],
    surroundings: { cwd: place, env: { PATH, HOME: place, NODE_COMPILE_CACHE, ...env } }
  }
})

/** To its end. */
export const runExample = (file: string, env: Variables, args: ReadonlyArray<string> = []) =>
  Effect.scoped(
    Effect.flatMap(
      prepare(file, env, args),
      ({ args, program, surroundings }) => runProgram(program, args, "", surroundings)
    )
  )

/** Until it is killed, or the scope closes. */
export const startExample = Effect.fnUntraced(function*(file: string, env: Variables, args: ReadonlyArray<string>) {
  const { args: all, program, surroundings } = yield* prepare(file, env, args)
  let said = ""
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(program, all, { ...surroundings, stdio: ["ignore", "pipe", "inherit"] })),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  child.stdout.setEncoding("utf8").on("data", (text: string) => said += text)
  return {
    stdout: () => said,
    code: () => child.exitCode,
    kill: (signal: NodeJS.Signals) => Effect.sync(() => void child.kill(signal))
  }
})
