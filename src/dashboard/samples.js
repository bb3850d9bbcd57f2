/**
 * The last minutes of the cluster, as this page has seen them: what each node was, and how much was done a second.
 */
import { useEffect, useState } from "preact/hooks"

const secondsKept = 180

/** @param {{ nodes: Array<any> } | undefined} overview */
export const useHistory = (overview) => {
  const [samples, setSamples] = useState([])
  useEffect(() => {
    if (overview === undefined) return
    setSamples((before) => {
      const sample = sampleOf(overview.nodes, before.at(-1))
      return [...before, sample].filter(({ at }) => at > sample.at - secondsKept)
    })
  }, [overview])
  return samples
}

const sampleOf = (nodes, last) => {
  const at = Date.now() / 1000
  const states = Object.fromEntries(nodes.map(({ nodeId, view }) => [nodeId, view?.state ?? "AWAY"]))
  const terms = nodes.flatMap(({ view }) => view === null ? [] : [view.term])
  const views = Object.fromEntries(nodes.map(({ nodeId, view }) => [nodeId, view]))
  // All nodes count the same grants, so whoever is the same node as before will do; the leader measures commits.
  const busiest = nodes.map(({ view }) => view).filter((view) => view !== null)
    .toSorted((left, right) => right.lastApplied - left.lastApplied)[0] ?? null
  return { at, states, term: Math.max(0, ...terms), views, busiest, rates: ratesOf(views, busiest, last, at) }
}

const none = { grants: null, ends: null, waitMs: null, commitMs: null, appendMs: null }

const ratesOf = (views, busiest, last, at) => {
  if (busiest === null || last === undefined) return none
  const before = last.views[busiest.nodeId]
  if (!before || before.uptimeMs > busiest.uptimeMs) return none
  const seconds = at - last.at
  const rose = (now, then, key) => now.counts[key] - then.counts[key]
  const grants = rose(busiest, before, "grants")
  const leader = Object.values(views).find((view) => view?.state === "LEADER")
  const leaderBefore = leader && last.views[leader.nodeId]
  const mean = (sum, count) => {
    if (!leader || !leaderBefore || leaderBefore.uptimeMs > leader.uptimeMs) return null
    const times = rose(leader, leaderBefore, count)
    return times > 0 ? (rose(leader, leaderBefore, sum) / times) * 1000 : null
  }
  return {
    grants: grants / seconds,
    ends: (rose(busiest, before, "releases") + rose(busiest, before, "expiries")) / seconds,
    waitMs: grants > 0 ? (rose(busiest, before, "waitSeconds") / grants) * 1000 : null,
    commitMs: mean("commitSeconds", "commits"),
    appendMs: mean("appendSeconds", "appends")
  }
}
