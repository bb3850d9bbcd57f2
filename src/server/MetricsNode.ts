/**
 * `Metrics` of the node in this process, and of the process where somebody measures it.
 */
import { Effect, Layer } from "effect"
import { RaftNode } from "../node/RaftNode.ts"
import { version } from "../node/Version.ts"
import { Metrics } from "./Metrics.ts"
import { Exposition } from "./metrics/Exposition.ts"
import { showLocks, showNode, showRaft } from "./metrics/NodeSamples.ts"
import { showRuntime, showTraffic } from "./metrics/PortSamples.ts"
import { RuntimeProbe } from "./metrics/RuntimeProbe.ts"
import { Traffic } from "./metrics/Traffic.ts"

export const layer = Layer.effect(
  Metrics,
  Effect.gen(function*() {
    const { readings } = yield* RaftNode
    const traffic = yield* Traffic
    const probe = yield* RuntimeProbe
    return Metrics.of({
      scrape: Effect.map(readings, (read) => {
        const exposition = new Exposition()
        const { nodeId } = read.status
        exposition.gauge("build_info", "1, and the node and its release.", 1, { node: nodeId, version })
        for (const show of [showRaft, showNode, showLocks]) show(exposition, read)
        showTraffic(exposition, traffic)
        const runtime = probe()
        if (runtime !== null) showRuntime(exposition, runtime)
        return exposition.text
      })
    })
  })
)
