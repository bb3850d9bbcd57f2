/**
 * A look into a process of a measurement, from outside: how long its event loop stood still, and what it did with its
 * time. The process is the one that users run; the probe is loaded before it (`node --import`) and asked over a socket.
 */
import { Effect } from "effect"
import { rmSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { tempDir } from "../../test/e2e/harness/TestCluster.ts"
import { loopback, type Site } from "../lib/BenchCluster.ts"

export type Asked =
  | { readonly ask: "pauses" }
  | { readonly ask: "profileStart" }
  | { readonly ask: "profileStop"; readonly path: string }

/** How long the event loop took from one turn of a millisecond timer to the next, since it was last asked. */
export interface Pauses {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** The longest of V8's collections of garbage, which stop the event loop as well. */
  readonly collectorMaxMs: number
}

export interface Probe {
  /** Where a node runs that is to have the probe. */
  readonly site: Site
  /** The environment of any other process that is to have it. */
  readonly env: Readonly<Record<string, string>>
  /** The longest since it was asked before. */
  readonly pauses: Effect.Effect<Pauses>
  /** Takes a profile of the processor's time while an effect runs, and leaves it in a file. */
  readonly profiling: <A, E, R>(path: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** The same from the first moment of a process that the effect starts. */
  readonly profilingStart: <A, E, R>(path: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** So many, each for one process. */
export const make = Effect.fnUntraced(function*(count: number) {
  const directory = yield* tempDir
  return Array.from({ length: count }, (_, at) => probe(join(directory, `${at}`)))
})

const preload = new URL("preload/main.ts", import.meta.url).href

const probe = (socket: string): Probe => {
  const env = { NODE_OPTIONS: `--import=${preload}`, BENCH_PROBE: socket }
  const profileStart = ask(socket, { ask: "profileStart" })
  const profileStop = (path: string) => ask(socket, { ask: "profileStop", path })
  return {
    site: { ...loopback, within: ["env", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)] },
    env,
    pauses: Effect.map(ask(socket, { ask: "pauses" }), (answer) => answer as Pauses),
    profiling: (path, effect) => Effect.andThen(profileStart, effect).pipe(Effect.tap(() => profileStop(path))),
    profilingStart: (path, effect) =>
      Effect.andThen(Effect.sync(() => writeFileSync(fromTheStart(socket), "")), effect).pipe(
        Effect.tap(() => profileStop(path)),
        Effect.ensuring(Effect.sync(() => rmSync(fromTheStart(socket), { force: true })))
      )
  }
}

/** A process that finds this file begins with a profile. */
const fromTheStart = (socket: string): string => `${socket}.profile`

const ask = (path: string, asked: Asked): Effect.Effect<unknown> =>
  Effect.callback((resume) => {
    const socket = connect(path, () => socket.end(JSON.stringify(asked)))
    let text = ""
    socket.setEncoding("utf8").on("data", (some: string) => text += some)
    socket.on("error", (error) => resume(Effect.die(error)))
    socket.on("end", () => {
      const answer = text === "" ? { failed: "it ended" } : JSON.parse(text)
      resume("failed" in answer ? Effect.die(new Error(`no ${asked.ask}: ${answer.failed}`)) : Effect.succeed(answer))
    })
  })
