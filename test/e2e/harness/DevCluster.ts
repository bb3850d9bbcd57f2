/**
 * `holdfast dev` as a test runs it: in a directory and on ports of its own.
 */
import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { freePorts } from "./FreePorts.ts"
import { type Holdfast, isAlive, run, untilSays } from "./Holdfast.ts"
import { tempDir } from "./TestCluster.ts"

const Address = Schema.String.check(Schema.isPattern(/^127\.0\.0\.1:\d+$/))

/** As scripts may rely on it. */
const DevJson = Schema.Struct({
  pid: Schema.Int,
  nodes: Schema.Array(Schema.Struct({
    nodeId: Schema.String,
    pid: Schema.NullOr(Schema.Int),
    http: Address,
    raft: Address,
    rpc: Address,
    dataDir: Schema.String
  }))
})
export type DevJson = typeof DevJson.Type

export interface DevPlace {
  readonly dataDir: string
  readonly firstPorts: { readonly http: number; readonly raft: number; readonly rpc: number }
  readonly args: ReadonlyArray<string>
}

export const makePlace = Effect.fnUntraced(function*(nodes: number) {
  const directory = yield* tempDir
  const dataDir = join(directory, "data")
  const [http = 0] = yield* freePorts(3 * nodes)
  const firstPorts = { http, raft: http + nodes, rpc: http + 2 * nodes }
  const args = [
    "dev",
    `--nodes=${nodes}`,
    `--http-port=${firstPorts.http}`,
    `--raft-port=${firstPorts.raft}`,
    `--rpc-port=${firstPorts.rpc}`,
    `--data-dir=${dataDir}`
  ]
  return { dataDir, firstPorts, args } satisfies DevPlace
})

/** Starts it and waits until all its nodes serve. */
export const startDev = Effect.fnUntraced(function*(place: DevPlace) {
  const dev = yield* run(place.args)
  yield* untilSays(dev, /HTTP/)
  const { nodes } = yield* readDevJson(place)
  // Whatever a test proves about their end, none is left behind.
  yield* Effect.addFinalizer(() => Effect.sync(() => nodes.forEach(({ pid }) => pid !== null && end(pid))))
  return dev
})

const end = (pid: number): void => {
  if (isAlive(pid)) process.kill(pid, "SIGKILL")
}

export const readDevJson = ({ dataDir }: DevPlace): Effect.Effect<DevJson> =>
  Effect.orDie(Effect.suspend(() =>
    Schema.decodeUnknownEffect(DevJson, { onExcessProperty: "error" })(
      JSON.parse(readFileSync(join(dataDir, "dev.json"), "utf8"))
    )
  ))

/** What `dev` itself has logged at a level: a line of a node names the node. */
const saidBy = (dev: Holdfast, wanted: string): ReadonlyArray<string> =>
  dev.stderr().split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))
    .filter(({ annotations, level }) => level === wanted && !Object.hasOwn(Object(annotations), "node"))
    .map(({ message }) => String(message))

export const warningsOf = (dev: Holdfast): ReadonlyArray<string> => saidBy(dev, "WARN")

export const newsOf = (dev: Holdfast): ReadonlyArray<string> => saidBy(dev, "INFO")
