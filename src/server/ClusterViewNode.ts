/**
 * `ClusterView` of the node in this process. It asks its peers at the addresses that they told when they connected.
 */
import { Effect, Layer } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { type NodeInOverview, NodeView } from "../api/Overview.ts"
import type { Readings } from "../node/metrics/Readings.ts"
import type { MemberStatus } from "../node/NodeStatus.ts"
import { RaftNode } from "../node/RaftNode.ts"
import { LinkCuts } from "../node/transport/LinkCuts.ts"
import { stateOf } from "./ClusterStatusNode.ts"
import { ClusterView } from "./ClusterView.ts"
import { DevControl } from "./dev/DevControl.ts"

export const layer = Layer.effect(
  ClusterView,
  Effect.gen(function*() {
    const { readings } = yield* RaftNode
    const client = yield* HttpClient.HttpClient
    const cuts = yield* LinkCuts
    const isDev = (yield* DevControl) !== null
    const view = Effect.map(readings, (read) => ({ ...viewOf(read, cuts.now()), dev: isDev }))
    const ask = (http: string) =>
      client.get(`http://${http}/cluster/view`).pipe(
        Effect.flatMap(HttpClientResponse.schemaBodyJson(NodeView)),
        Effect.timeout(answerMillisMax)
      )
    const look = (member: MemberStatus, self: string): Effect.Effect<NodeInOverview> => {
      const { http, nodeId, voter } = member
      const known = { nodeId, http, voter, self: nodeId === self }
      if (nodeId === self) return Effect.map(view, (own) => ({ ...known, view: own, silence: null }))
      if (http === null) return Effect.succeed({ ...known, view: null, silence: "has not connected yet" })
      return Effect.match(ask(http), {
        onSuccess: (found) => ({ ...known, view: found, silence: null }),
        onFailure: ({ _tag }) => ({ ...known, view: null, silence: _tag === "TimeoutError" ? "is silent" : "is away" })
      })
    }
    return ClusterView.of({
      view,
      overview: Effect.gen(function*() {
        const { status: { members, nodeId } } = yield* readings
        const nodes = yield* Effect.forEach(members, (member) => look(member, nodeId), { concurrency: "unbounded" })
        return { nodes: nodes.toSorted((left, right) => left.nodeId < right.nodeId ? -1 : 1) }
      })
    })
  })
)

/** Far longer than a node takes that runs, and short enough for a page that is alive. */
const answerMillisMax = 800

const viewOf = ({ metrics, peers, status, totals }: Readings, cuts: ReadonlySet<string>): NodeView => ({
  nodeId: status.nodeId,
  state: stateOf(status),
  term: status.term,
  leaderId: status.leaderId,
  commitIndex: status.commitIndex,
  lastApplied: status.lastApplied,
  lastLogIndex: status.lastLogIndex,
  snapshotIndex: status.snapshotIndex,
  uptimeMs: status.upMillis,
  stalled: status.stalled,
  peers: peers.map(({ isLinked, lagEntries, nodeId }) => ({
    nodeId,
    linked: isLinked,
    lagEntries,
    cut: cuts.has(nodeId)
  })),
  lockCount: totals.locks,
  heldCount: totals.held,
  waitingCount: totals.waiting,
  sessionCount: totals.sessions,
  counts: {
    grants: metrics.grants,
    releases: sum(metrics.endedHolds, ["released", "session-ended", "withdrawn"]),
    expiries: sum(metrics.endedHolds, ["session-expired", "max-hold"]),
    waitSeconds: metrics.waitSeconds.sum,
    commits: metrics.commitSeconds.count,
    commitSeconds: metrics.commitSeconds.sum,
    appends: metrics.appendSeconds.count,
    appendSeconds: metrics.appendSeconds.sum
  }
})

const sum = <K>(counts: ReadonlyMap<K, number>, keys: ReadonlyArray<K>): number =>
  keys.reduce((total, key) => total + (counts.get(key) ?? 0), 0)
