/**
 * A whole cluster on this machine, each node a process of its own. It starts all of them or none, says
 * when one ends, and starts none again by itself: that is the user's experiment.
 */
import { Console, Effect, Schedule } from "effect"
import { statusOf } from "../../client/AdminClient.ts"
import type { DevControl } from "../../server/DevNode.ts"
import * as Logging from "../Logging.ts"
import { plain, styleFor } from "../Style.ts"
import { banner } from "./Banner.ts"
import * as Control from "./Control.ts"
import * as DevDirectory from "./DevDirectory.ts"
import { environmentOf } from "./DevEnvironment.ts"
import { DevFailed } from "./DevFailed.ts"
import * as DevJson from "./DevJson.ts"
import * as NodeProcess from "./NodeProcess.ts"
import { type Plan, type PlannedNode, portsOf } from "./Plan.ts"
import * as Ports from "./Ports.ts"
import * as Running from "./Running.ts"

/** Starts the nodes and fails when none is left. Closing the scope stops them. */
export const run = Effect.fnUntraced(function*(dataDir: string, plan: Plan) {
  yield* DevDirectory.hold(dataDir)
  yield* Ports.requireFree(plan[0].config.host, plan.flatMap(portsOf))
  const devJson = yield* DevJson.make(dataDir, plan)
  yield* Effect.logInfo(`Starts ${plan.length === 1 ? "1 node" : `${plan.length} nodes`}`)
  const { begin, control } = yield* Control.open()
  const spawn = yield* makeSpawn(plan, control)
  const processes = yield* Effect.forEach(plan, spawn)
  const running = yield* Running.make(processes, devJson, spawn)
  yield* Effect.addFinalizer(() => stopAll(plan, running, devJson))
  yield* devJson.setPids(processes.map(({ node, pid }) => [node.config.nodeId, pid]))
  yield* show(dataDir, processes)
  begin(running)
  yield* running.nobody
  return yield* new DevFailed({ message: "no node is left" })
})

const makeSpawn = Effect.fnUntraced(function*(plan: Plan, control: DevControl) {
  const format = yield* Logging.resolveFormat(plan[0].logging)
  const style = format === "pretty" ? styleFor(process.stderr) : plain
  const env = { ...(style === plain ? {} : { FORCE_COLOR: "1" }), ...environmentOf(control) }
  return (node: PlannedNode) => {
    // A JSON line names its node itself.
    const prefix = format === "json" ? "" : `${style(node.color, `${node.config.nodeId} |`)} `
    const onLine = (line: string) => Console.error(`${prefix}${line}`)
    const logged = { ...node, args: [...node.args, `--log-format=${format}`] }
    return Effect.map(NodeProcess.spawn({ node: logged, env, onLine }), (spawned) => ({ ...spawned, node }))
  }
})

/** Shows the cluster once it can be used, or is not going to be: below what its nodes say while they start. */
const show = Effect.fnUntraced(function*(dataDir: string, processes: ReadonlyArray<NodeProcess.NodeProcess>) {
  yield* Effect.forEach(processes, untilListening, { concurrency: "unbounded", discard: true })
  const nodes = yield* Effect.forEach(processes, untilLed, { concurrency: "unbounded" })
  yield* Console.log(banner(dataDir, nodes, styleFor(process.stdout)))
})

const untilListening = ({ ended, listening, node }: NodeProcess.NodeProcess) =>
  listening.pipe(
    Effect.timeoutOrElse({
      duration: startMillisMax,
      orElse: () => Effect.fail(`has not come up within ${startMillisMax / 1_000} s`)
    }),
    Effect.raceFirst(Effect.flatMap(ended, ({ how }) => Effect.fail(how))),
    Effect.mapError((how) => new DevFailed({ message: `${node.config.nodeId} ${how}` }))
  )

const startMillisMax = 60_000

/** Until a node has a leader; one that the others turn away, because its disk was replaced, ends instead. */
const untilLed = ({ ended, node, pid }: NodeProcess.NodeProcess) => {
  const { host, rpcPort } = node.config
  const led = statusOf({ host, port: rpcPort }).pipe(
    Effect.filterOrFail(({ leaderId }) => leaderId !== null),
    Effect.retry(Schedule.spaced("50 millis"))
  )
  return Effect.as(led, pid).pipe(
    Effect.raceFirst(Effect.as(ended, null)),
    Effect.timeoutOrElse({ duration: ledMillisMax, orElse: () => Effect.succeed(pid) }),
    Effect.map((pid) => ({ node, pid }))
  )
}

/** Longer than an election ever takes. A cluster that cannot have a leader is shown all the same. */
const ledMillisMax = 10_000

const stopAll = Effect.fnUntraced(function*(plan: Plan, running: Running.Running, devJson: DevJson.DevJson) {
  yield* running.stopAll
  yield* Effect.ignore(devJson.setPids(plan.map(({ config: { nodeId } }) => [nodeId, null])))
})
