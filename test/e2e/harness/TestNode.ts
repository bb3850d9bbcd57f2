/**
 * One node of a test as a real process: started, killed and started again on its own disk.
 */
import { Effect, Schema, Scope } from "effect"
import { type Status, Status as StatusSchema } from "../../../src/api/Cluster.ts"
import { type Holdfast, isAlive, run, untilSays } from "./Holdfast.ts"
import { type NoAnswer, type Reply, request } from "./Http.ts"

/** Who a node is and where it is found. */
export interface Place {
  readonly nodeId: string
  /** Where it listens; loopback unless it says so. */
  readonly host?: string
  /** A command that becomes its process. */
  readonly within?: ReadonlyArray<string>
  readonly httpPort: number
  readonly raftPort: number
  readonly rpcPort: number
  readonly dataDir: string
  readonly peers: string
  readonly flags?: ReadonlyArray<string>
}

export interface TestNode extends Place {
  /** Starts it and waits until it serves. */
  readonly start: Effect.Effect<Holdfast>
  /** The same, with more flags for this one time. */
  readonly startWith: (flags: ReadonlyArray<string>) => Effect.Effect<Holdfast>
  /** Whether it has been started and has not ended. */
  readonly isRunning: () => boolean
  /** Sends a signal and, if that ends the process, waits for its end. */
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** The process that was started last. */
  readonly process: () => Holdfast
  /** All that it has printed and logged, over all its starts. */
  readonly said: () => string
  readonly request: (method: string, path: string, body?: object) => Effect.Effect<Reply, NoAnswer>
  readonly status: Effect.Effect<Status, NoAnswer>
}

export const argsOf = (
  { dataDir, flags = [], host = "127.0.0.1", httpPort, nodeId, peers, raftPort, rpcPort }: Place
) => [
  "start",
  `--node-id=${nodeId}`,
  `--host=${host}`,
  `--http-port=${httpPort}`,
  `--raft-port=${raftPort}`,
  `--rpc-port=${rpcPort}`,
  `--data-dir=${dataDir}`,
  `--peers=${peers}`,
  ...flags
]

const endless: ReadonlySet<string> = new Set(["SIGSTOP", "SIGCONT"])

/** A node that is not started yet; its processes end with the scope. */
export const make = Effect.fnUntraced(function*(place: Place) {
  const scope = yield* Scope.Scope
  const started: Array<Holdfast> = []
  const process = (): Holdfast => {
    const last = started.at(-1)
    if (last === undefined) throw new Error(`${place.nodeId} has not been started`)
    return last
  }
  const call: TestNode["request"] = (method, path, body) =>
    request(method, `http://${place.host ?? "127.0.0.1"}:${place.httpPort}${path}`, body)
  const startWith = Effect.fnUntraced(function*(flags: ReadonlyArray<string>) {
    const holdfast = yield* Scope.provide(run([...argsOf(place), ...flags], { within: place.within ?? [] }), scope)
    started.push(holdfast)
    yield* Effect.orDie(untilSays(holdfast, / listens: /))
    return holdfast
  })
  return {
    ...place,
    start: startWith([]),
    startWith,
    isRunning: () => started.length > 0 && isAlive(process().pid),
    kill: (signal) =>
      Effect.suspend(() => {
        const { ended, kill } = process()
        return endless.has(signal) ? kill(signal) : Effect.asVoid(Effect.andThen(kill(signal), ended))
      }),
    process,
    said: () => started.map(({ stderr, stdout }) => stdout() + stderr()).join(""),
    request: call,
    status: Effect.flatMap(call("GET", "/cluster/status"), ({ body }) => Effect.orDie(decodeStatus(body)))
  } satisfies TestNode
})

const decodeStatus = Schema.decodeUnknownEffect(StatusSchema)
