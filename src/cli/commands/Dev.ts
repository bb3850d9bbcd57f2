/**
 * `holdfast dev`: the whole cluster on this machine, for trying and developing; what `npm start` runs.
 */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as Cluster from "../dev/Cluster.ts"
import { plan } from "../dev/Plan.ts"
import * as Logging from "../Logging.ts"
import * as StopSignal from "../StopSignal.ts"

const portFlag = (name: string, fallback: number, what: string) =>
  Flag.Int(name).pipe(
    Flag.filter((port) => port >= 1 && port <= 65_535, () => "a port, from 1 to 65535"),
    Flag.withDescription(`${what} of the first node; the others count up from it (default ${fallback})`),
    Flag.withDefault(fallback)
  )

const flags = {
  nodes: Flag.Int("nodes").pipe(
    Flag.filter(
      (count) => [1, 3, 5, 7].includes(count),
      () => "1, 3, 5 or 7; an even number survives no more failures"
    ),
    Flag.withDescription("How many nodes: 1, 3, 5 or 7 (default 3)"),
    Flag.withDefault(3)
  ),
  httpPort: portFlag("http-port", 8081, "HTTP port"),
  raftPort: portFlag("raft-port", 9081, "Raft port"),
  rpcPort: portFlag("rpc-port", 7081, "RPC port"),
  dataDir: Flag.String("data-dir").pipe(
    Flag.withDescription("Where the nodes keep their logs, and where dev.json is (default .holdfast)"),
    Flag.withDefault(".holdfast")
  )
}

/** Longer than what a node may take to stop before it is killed. */
const stopMillisMax = 15_000

export const dev = Command.make("dev", flags, (options) =>
  Effect.gen(function*() {
    const nodes = yield* plan(options, process.env)
    yield* Effect.scoped(Effect.gen(function*() {
      const stopSignal = yield* StopSignal.watch(stopMillisMax)
      yield* Effect.raceFirst(Cluster.run(options.dataDir, nodes), stopSignal)
    })).pipe(
      Effect.andThen(Effect.logInfo(`Stopped; the data is still in ${options.dataDir}`)),
      Effect.provide(Logging.layer(nodes[0].logging))
    )
  })).pipe(Command.withDescription("Start a whole cluster on this machine"))
