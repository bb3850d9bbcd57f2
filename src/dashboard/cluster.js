/**
 * The cluster as it is now, and as it was in the last minutes.
 */
import { html } from "htm/preact"
import { useMemo } from "preact/hooks"
import { Chart } from "./chart.js"
import { duration, useEvents } from "./data.js"
import { DevPanel } from "./dev.js"
import { Feed } from "./feed.js"
import { leaderOf } from "./health.js"
import { Row, Table, toned } from "./table.js"
import { Timeline } from "./timeline.js"

export const Cluster = ({ nodes, samples }) => {
  const events = useEvents("", 100)
  if (nodes === undefined) return html`<section>Looks at the cluster …</section>`
  return html`
    <${Totals} nodes=${nodes} samples=${samples} />
    <${Nodes} nodes=${nodes} />
    <div class="pair"><${Links} nodes=${nodes} /><${Timeline} nodes=${nodes} samples=${samples} /></div>
    <${DevPanel} nodes=${nodes} />
    <${Charts} samples=${samples} />
    <section><h2>What happens</h2><${Feed} events=${events} /></section>`
}

const Totals = ({ nodes, samples }) => {
  const views = nodes.flatMap(({ view }) => view === null ? [] : [view])
  const latest = views.toSorted((left, right) => right.lastApplied - left.lastApplied)[0]
  const leader = leaderOf(nodes)
  const grants = samples.at(-1)?.rates.grants
  const facts = [
    ["Leader", leader?.nodeId ?? "none"],
    ["Term", Math.max(0, ...views.map(({ term }) => term))],
    ["Locks held", latest?.heldCount ?? "–"],
    ["Waiting", latest?.waitingCount ?? "–"],
    ["Sessions", latest?.sessionCount ?? "–"],
    ["Grants a second", grants === null || grants === undefined ? "–" : Number(grants.toFixed(1))]
  ]
  return html`<section aria-label="In short"><dl class="facts">${
    facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)
  }</dl></section>`
}

const roleNames = {
  LEADER: ["leader", "good"],
  FOLLOWER: ["follower", "quiet"],
  CANDIDATE: ["candidate", "warn"],
  PRE_CANDIDATE: ["asks for an election", "warn"],
  LEARNER: ["learner", "warn"]
}

const Nodes = ({ nodes }) => {
  const leader = leaderOf(nodes)
  const lagOf = (id) => leader?.peers.find(({ nodeId }) => nodeId === id)?.lagEntries
  return html`<section><h2>Nodes</h2><${Table} id="nodes" columns=${columns} rows=${
    nodes.map((node) =>
      html`<${Row} key=${node.nodeId} data-node=${node.nodeId} columns=${columns} cells=${
        cellsOf(node, lagOf(node.nodeId))
      } />`
    )
  } /></section>`
}

const columns = [
  { name: "Node" },
  { name: "Is" },
  { name: "Term" },
  { name: "Follows" },
  { name: "Log", isRight: true },
  { name: "Committed", isRight: true },
  { name: "Applied", isRight: true },
  { name: "Lag", isRight: true },
  { name: "Snapshot", isRight: true },
  { name: "Up" }
]

const cellsOf = ({ http, nodeId, self, silence, view }, lag) => {
  const name = self || http === null
    ? html`<strong>${nodeId}</strong>`
    : html`<a href=${`http://${http}/`}>${nodeId}</a>`
  if (view === null) return [name, toned(silence, "bad")]
  const [role, color] = roleNames[view.state]
  return [
    name,
    html`<span class=${`tag ${color}`}>${role}</span>${
      view.stalled === null ? "" : html` <span class="bad">disk full</span>`
    }`,
    view.term,
    view.leaderId ?? toned("nobody", "bad"),
    view.lastLogIndex,
    view.commitIndex,
    view.lastApplied,
    lag ?? "–",
    view.snapshotIndex === 0 ? "–" : view.snapshotIndex,
    duration(view.uptimeMs)
  ]
}

const Links = ({ nodes }) =>
  html`<section><h2>Who reaches whom</h2><div class="scroll"><table id="links">
    <thead><tr><th>Seen from</th>${nodes.map(({ nodeId }) => html`<th>${nodeId}</th>`)}</tr></thead>
    <tbody>${
    nodes.map((from) =>
      html`<tr><td><strong>${from.nodeId}</strong></td>${
        nodes.map((to) => html`<td data-link=${`${from.nodeId} ${to.nodeId}`}>${linkOf(from, to.nodeId)}</td>`)
      }</tr>`
    )
  }</tbody></table></div></section>`

const linkOf = ({ nodeId, view }, to) => {
  if (nodeId === to) return html`<span class="quiet">–</span>`
  const peer = view?.peers.find((other) => other.nodeId === to)
  if (peer === undefined) return html`<span class="quiet">unknown</span>`
  if (peer.cut) return html`<span class="bad">cut off</span>`
  return peer.linked ? html`<span class="good">linked</span>` : html`<span class="bad">not linked</span>`
}

const Charts = ({ samples }) => {
  const columns = useMemo(() => {
    const times = samples.map(({ at }) => at)
    const of = (key) => samples.map(({ rates }) => rates[key])
    const held = samples.map(({ busiest }) => busiest?.heldCount ?? null)
    const waiting = samples.map(({ busiest }) => busiest?.waitingCount ?? null)
    return {
      rates: [times, of("grants"), of("ends")],
      latency: [times, of("commitMs"), of("appendMs")],
      locks: [times, held, waiting],
      waits: [times, of("waitMs")]
    }
  }, [samples])
  return html`<div class="pair charts">
    <${Chart} title="Throughput" unit="/s" data=${columns.rates}
      series=${[{ label: "granted", color: "--leader" }, { label: "ended", color: "--candidate" }]} />
    <${Chart} title="Latency of the leader, mean" unit="ms" data=${columns.latency}
      series=${[{ label: "commit", color: "--accent" }, { label: "write and sync", color: "--candidate" }]} />
    <${Chart} title="Locks" unit="" data=${columns.locks}
      series=${[{ label: "held", color: "--leader" }, { label: "waiting", color: "--bad" }]} />
    <${Chart} title="Wait for a lock, mean" unit="ms" data=${columns.waits}
      series=${[{ label: "waited", color: "--bad" }]} />
  </div>`
}
