/** What the header of the dashboard says of a cluster: green when every node takes part, and else what is wrong. */
import { assert, describe, it } from "@effect/vitest"
import { healthOf } from "../../src/dashboard/health.js"

type Cut = readonly [string, string]

const ids = ["node1", "node2", "node3"]

/** node3 leads in term 2, everybody follows and reaches everybody; `change` is what is else. */
const clusterOf = (
  { away = [], cuts = [], unlinked = [], views = {} }: {
    readonly away?: ReadonlyArray<string>
    readonly cuts?: ReadonlyArray<Cut>
    readonly unlinked?: ReadonlyArray<Cut>
    readonly views?: Readonly<Record<string, object>>
  }
) => {
  const isAmong = (pairs: ReadonlyArray<Cut>, from: string, to: string) =>
    pairs.some(([a, b]) => a === from && b === to)
  return ids.map((nodeId) => {
    const peers = ids.filter((to) => to !== nodeId).map((to) => ({
      nodeId: to,
      linked: !isAmong(unlinked, nodeId, to),
      lagEntries: 0,
      cut: isAmong(cuts, nodeId, to)
    }))
    const state = nodeId === "node3" ? "LEADER" : "FOLLOWER"
    const view = { nodeId, state, term: 2, leaderId: "node3", stalled: null, peers, ...views[nodeId] }
    return away.includes(nodeId)
      ? { nodeId, view: null, silence: "is silent" }
      : { nodeId, view, silence: null }
  })
}

const says = (tone: string, words: string, change: Parameters<typeof clusterOf>[0]) =>
  assert.deepStrictEqual(healthOf(clusterOf(change)), { tone, words })

const lost = { state: "PRE_CANDIDATE", leaderId: null }

describe("The health of a cluster in one line", () => {
  it("is green when every node follows the leader and reaches every other one", () => {
    says("good", "node3 leads, all 3 nodes answer.", {})
  })

  it("names a node that is cut off, once, though it answers", () => {
    const cuts = [["node1", "node2"], ["node2", "node3"]] as const
    says("warn", "node3 leads; node2 is cut off.", { cuts, views: { node2: lost } })
  })

  it("names a node that follows nobody, and one that is behind", () => {
    says("warn", "node3 leads; node2 follows nobody.", { views: { node2: lost } })
    says("warn", "node3 leads; node1 takes itself for the leader.", {
      views: { node1: { state: "LEADER", leaderId: "node1", term: 1 } }
    })
  })

  it("names the two ends of a link that is gone, whichever of them notices", () => {
    says("warn", "node3 leads; node1 and node2 do not reach each other.", { cuts: [["node2", "node1"]] })
    says("warn", "node3 leads; node1 and node3 do not reach each other.", { unlinked: [["node1", "node3"]] })
  })

  it("names who does not answer, and whose disk is full, and counts what is too much", () => {
    says("warn", "node3 leads; node1 is silent.", { away: ["node1"] })
    says("warn", "node3 leads; the disk of node3 is full.", { views: { node3: { stalled: "no space" } } })
    says("warn", "node3 leads; node1 is silent, the disk of node2 is full, node2 follows nobody, and 1 more.", {
      away: ["node1"],
      cuts: [["node2", "node3"]],
      views: { node2: { ...lost, stalled: "no space" } }
    })
  })

  it("is red without a leader", () => {
    says("bad", "No leader: nothing is granted or released.", { views: { node3: lost } })
  })
})
