/**
 * `holdfast start`: one node, until it is asked to stop or cannot go on. Every setting of a node is a
 * flag here; see `node/config/Settings.ts` for the list.
 */
import { Console, Context, Effect, Layer, Option, Stdio, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { environment, file, flags as flagSource } from "../../node/config/ConfigSource.ts"
import { profile, profileNames } from "../../node/config/Profile.ts"
import { flagName, type Setting } from "../../node/config/Setting.ts"
import { settings } from "../../node/config/Settings.ts"
import * as TraceSettings from "../../node/config/TraceSettings.ts"
import { setAsideOnce } from "../../node/logstore/Rejoining.ts"
import { NodeConfig } from "../../node/NodeConfig.ts"
import { RaftNode } from "../../node/RaftNode.ts"
import * as Otlp from "../../node/tracing/Otlp.ts"
import { type DevControl, DevNode } from "../../server/DevNode.ts"
import { SingleNode } from "../../server/SingleNode.ts"
import { controlIn } from "../dev/DevEnvironment.ts"
import * as HeapGrowth from "../HeapGrowth.ts"
import { listensLine } from "../ListensLine.ts"
import * as Logging from "../Logging.ts"
import * as RuntimeMetrics from "../RuntimeMetrics.ts"
import * as StopSignal from "../StopSignal.ts"

const settingFlag = ({ about, allowed, fallback, key }: Setting<unknown>) =>
  Flag.String(flagName(key)).pipe(
    Flag.withDescription(`${about}: ${allowed}${fallback === null ? "" : ` (default ${String(fallback)})`}`),
    Flag.withMetavar("value"),
    Flag.optional
  )

const settingFlags = Object.fromEntries(
  Object.values<Setting<unknown>>(settings).map((setting) => [setting.key, settingFlag(setting)])
)

const flags = {
  profile: Flag.Literals("profile", profileNames).pipe(
    Flag.withDescription("A node of the cluster of three on this machine; the defaults under all other settings"),
    Flag.optional
  ),
  config: Flag.String("config").pipe(
    Flag.withDescription("A JSON file with settings, such as {\"nodeId\": \"node1\", \"httpPort\": 8081}"),
    Flag.withMetavar("file"),
    Flag.optional
  ),
  join: Flag.Boolean("join").pipe(
    Flag.withDescription("Join a running cluster, of which --peers names a node or more, with an empty data directory"),
    Flag.withDefault(false)
  ),
  rejoin: Flag.Boolean("rejoin").pipe(
    Flag.withDescription("Set the data of this node aside, once, and join its cluster as a new member"),
    Flag.withDefault(false)
  ),
  untilStdinEnds: Flag.Boolean("until-stdin-ends").pipe(
    Flag.withDescription("Stop when standard input ends: whoever holds the other end of that pipe is gone"),
    Flag.withDefault(false)
  ),
  settings: settingFlags
}

export const start = Command.make(
  "start",
  flags,
  ({ config, join, profile: profileName, rejoin, settings: given, untilStdinEnds }) =>
    Effect.gen(function*() {
      const { config: nodeConfig, logging, warnings } = yield* NodeConfig.load([
        flagSource(Object.fromEntries(
          Object.entries(given).flatMap(([key, value]) => Option.toArray(value).map((text) => [key, text]))
        )),
        environment(process.env),
        ...Option.isSome(config) ? [yield* file(config.value)] : [],
        ...Option.toArray(Option.map(profileName, profile))
      ], join || rejoin)
      const traces = yield* TraceSettings.read(process.env)
      const prepare = rejoin ? setAsideOnce(nodeConfig.dataDir) : Effect.void
      yield* Effect.andThen(prepare, serve(warnings, untilStdinEnds)).pipe(
        Effect.provideService(NodeConfig, nodeConfig),
        Effect.provide(Otlp.layer(traces, nodeConfig.nodeId)),
        Effect.annotateLogs({ node: nodeConfig.nodeId }),
        Effect.provide(Logging.layer(logging))
      )
    })
).pipe(Command.withDescription("Start one node"))

/** What a node may take to stop: to answer whom it owes an answer and to close its log. */
const stopMillisMax = 10_000

const serve = (warnings: ReadonlyArray<string>, untilStdinEnds: boolean) =>
  Effect.gen(function*() {
    const stopSignal = yield* StopSignal.watch(stopMillisMax)
    const stdinEnd = untilStdinEnds ? awaitStdinEnd : Effect.never
    yield* run(warnings).pipe(Effect.raceFirst(stopSignal), Effect.raceFirst(stdinEnd))
  }).pipe(Effect.scoped)

const run = Effect.fnUntraced(function*(warnings: ReadonlyArray<string>) {
  const config = yield* NodeConfig
  for (const warning of warnings) yield* Effect.logWarning(warning)
  const node = Context.get(
    yield* Layer.build(Layer.provide(nodeLayer(controlIn(process.env)), RuntimeMetrics.layer)),
    RaftNode
  )
  yield* Console.log(listensLine(config))
  yield* Effect.forkScoped(HeapGrowth.watch())
  return yield* node.join
})

/** Whether `holdfast dev` runs it decides whether it can be broken on purpose. */
const nodeLayer = (control: DevControl | null) => control === null ? SingleNode.layer : DevNode.layer(control)

const awaitStdinEnd = Effect.gen(function*() {
  const { stdin } = yield* Stdio.Stdio
  yield* Effect.ignore(Stream.runDrain(stdin))
})
