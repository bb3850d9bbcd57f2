/**
 * How the cluster is, in one line: who leads, and all that is not as it should be. It goes by what every node says of
 * itself and of its links, so a node that answers is not yet one that takes part.
 *
 * @typedef {{ nodeId: string, state: string, term: number, leaderId: string | null, stalled: string | null,
 *   peers: ReadonlyArray<{ nodeId: string, linked: boolean, cut: boolean, lagEntries: number | null }> }} View
 * @typedef {{ nodeId: string, view: View | null, silence: string | null }} Node One of `GET /cluster/overview`.
 */

/** How many things that are wrong are named; the others are counted. */
const namedMax = 3

/**
 * Whoever leads in the newest term: one that is cut off may not know yet that it does not lead any more.
 * @param {ReadonlyArray<Node>} nodes
 */
export const leaderOf = (nodes) =>
  viewsOf(nodes).filter(({ state }) => state === "LEADER").toSorted((a, b) => b.term - a.term)[0]

/**
 * @param {ReadonlyArray<Node>} nodes
 * @returns {{ tone: "good" | "warn" | "bad", words: string }}
 */
export const healthOf = (nodes) => {
  const leader = leaderOf(nodes)
  if (leader === undefined) return { tone: "bad", words: "No leader: nothing is granted or released." }
  const wrongs = wrongsOf(nodes, leader.nodeId)
  if (wrongs.length === 0) return { tone: "good", words: `${leader.nodeId} leads, all ${nodes.length} nodes answer.` }
  const others = wrongs.length > namedMax ? `, and ${wrongs.length - namedMax} more` : ""
  return { tone: "warn", words: `${leader.nodeId} leads; ${wrongs.slice(0, namedMax).join(", ")}${others}.` }
}

/** @param {ReadonlyArray<Node>} nodes */
const viewsOf = (nodes) => nodes.flatMap(({ view }) => view === null ? [] : [view])

/**
 * @param {ReadonlyArray<Node>} nodes
 * @param {string} leaderId
 */
const wrongsOf = (nodes, leaderId) => {
  const views = viewsOf(nodes)
  const broken = pairsOf(views).filter(([a, b]) => !reaches(a, b) || !reaches(b, a))
  // Of one that reaches nobody there is no more to say, neither of each link nor of whom it follows.
  const cutOff = views.filter((view) =>
    nodes.length > 1 && broken.filter((pair) => pair.includes(view)).length === nodes.length - 1
  )
  const others = views.filter((view) => !cutOff.includes(view))
  return [
    ...nodes.filter(({ view }) => view === null).map(({ nodeId, silence }) => `${nodeId} ${silence}`),
    ...cutOff.map(({ nodeId }) => `${nodeId} is cut off`),
    ...views.filter(({ stalled }) => stalled !== null).map(({ nodeId }) => `the disk of ${nodeId} is full`),
    ...others.filter((view) => view.leaderId !== leaderId).map(strayOf),
    ...broken.filter((pair) => pair.every((view) => others.includes(view))).map(([a, b]) =>
      `${a.nodeId} and ${b.nodeId} do not reach each other`
    )
  ]
}

/** @param {View} view */
const strayOf = ({ leaderId, nodeId }) =>
  leaderId === nodeId ? `${nodeId} takes itself for the leader` : `${nodeId} follows ${leaderId ?? "nobody"}`

/**
 * @param {View} from
 * @param {View} to
 */
const reaches = ({ peers }, { nodeId }) => peers.some((peer) => peer.nodeId === nodeId && peer.linked && !peer.cut)

/**
 * Each two of them, once.
 * @template A
 * @param {ReadonlyArray<A>} all
 * @returns {Array<[A, A]>}
 */
export const pairsOf = (all) => all.flatMap((a, at) => all.slice(at + 1).map((b) => /** @type {[A, A]} */ ([a, b])))
