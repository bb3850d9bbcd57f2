/**
 * A whole cluster on this machine, each node a process of its own. It starts all of them or none, says
 * when one ends, and starts none again: that is the user's experiment.
 */
import { Console, Effect } from "effect"
import { formatAddress } from "../../node/config/Peers.ts"
import { version } from "../../node/Version.ts"
import * as Logging from "../Logging.ts"
import { plain, styleFor } from "../Style.ts"
import { table } from "../Table.ts"
import * as DevDirectory from "./DevDirectory.ts"
import { DevFailed } from "./DevFailed.ts"
import * as DevJson from "./DevJson.ts"
import * as NodeProcess from "./NodeProcess.ts"
import { type Plan, portsOf } from "./Plan.ts"
import * as Ports from "./Ports.ts"

/** Starts the nodes and fails when none is left. Closing the scope stops them. */
export const run = Effect.fnUntraced(function*(dataDir: string, plan: Plan) {
  yield* DevDirectory.hold(dataDir)
  yield* Ports.requireFree(plan[0].config.host, plan.flatMap(portsOf))
  const devJson = yield* DevJson.make(dataDir, plan)
  const processes = yield* startAll(plan)
  yield* Effect.addFinalizer(() => stopAll(processes, devJson))
  yield* devJson.setPids(processes.map(({ node, pid }) => [node.config.nodeId, pid]))
  yield* Effect.forEach(processes, untilListening, { concurrency: "unbounded", discard: true })
  yield* Console.log(banner(dataDir, processes))
  yield* Effect.forEach(processes, (each) => watch(each, devJson), { concurrency: "unbounded", discard: true })
  return yield* new DevFailed({ message: "no node is left" })
})

const startAll = Effect.fnUntraced(function*(plan: Plan) {
  const format = yield* Logging.resolveFormat(plan[0].logging)
  const style = format === "pretty" ? styleFor(process.stderr) : plain
  const env = style === plain ? {} : { FORCE_COLOR: "1" }
  return yield* Effect.forEach(plan, (node) => {
    // A JSON line names its node itself.
    const prefix = format === "json" ? "" : `${style(node.color, `${node.config.nodeId} |`)} `
    const onLine = (line: string) => Console.error(`${prefix}${line}`)
    return NodeProcess.spawn({ node: { ...node, args: [...node.args, `--log-format=${format}`] }, env, onLine })
  })
})

const untilListening = ({ ended, listening, node }: NodeProcess.NodeProcess) =>
  listening.pipe(
    Effect.timeoutOrElse({
      duration: startMillisMax,
      orElse: () => Effect.fail(`has not come up within ${startMillisMax / 1_000} s`)
    }),
    Effect.raceFirst(Effect.flatMap(ended, Effect.fail)),
    Effect.mapError((how) => new DevFailed({ message: `${node.config.nodeId} ${how}` }))
  )

const startMillisMax = 60_000

/** Tells of a node's end, once. */
const watch = Effect.fnUntraced(function*({ ended, node }: NodeProcess.NodeProcess, devJson: DevJson.DevJson) {
  const how = yield* ended
  yield* Effect.logWarning(`${node.config.nodeId} ${how}; it is not started again`)
  yield* devJson.setPids([[node.config.nodeId, null]])
})

const stopAll = Effect.fnUntraced(
  function*(processes: ReadonlyArray<NodeProcess.NodeProcess>, devJson: DevJson.DevJson) {
    yield* Effect.forEach(processes, ({ stop }) => stop, { concurrency: "unbounded", discard: true })
    yield* Effect.ignore(devJson.setPids(processes.map(({ node }) => [node.config.nodeId, null])))
  }
)

const banner = (dataDir: string, processes: ReadonlyArray<NodeProcess.NodeProcess>): string => {
  const rows = processes.map((
    { node: { color, config: { dataDir: nodeDir, host, httpPort, nodeId, raftPort, rpcPort } }, pid }
  ) => ({
    color,
    cells: [
      nodeId,
      String(pid),
      `http://${formatAddress({ host, port: httpPort })}`,
      formatAddress({ host, port: raftPort }),
      formatAddress({ host, port: rpcPort }),
      nodeDir
    ]
  }))
  return [
    `Holdfast ${version} runs here until Ctrl-C; ${dataDir}/dev.json says the same to scripts.`,
    "",
    table(["node", "pid", "HTTP", "Raft", "RPC", "data"], rows, styleFor(process.stdout)),
    ""
  ].join("\n")
}
