/**
 * The dashboard: what a node shows of its cluster to whoever opens its address in a browser.
 *
 * It loads nothing from anywhere but this node, and asks it only what everybody may ask.
 */
import { html } from "htm/preact"
import { render } from "preact"
import { Cluster } from "./cluster.js"
import { useAnswer, useRoute } from "./data.js"
import { Gone } from "./gone.js"
import { healthOf } from "./health.js"
import { Lock } from "./lock.js"
import { Locks } from "./locks.js"
import { useHistory } from "./samples.js"
import { Sessions } from "./sessions.js"

const pages = [["/", "Cluster"], ["/locks", "Locks"], ["/sessions", "Sessions"]]

const App = () => {
  const route = useRoute()
  const overview = useAnswer("/cluster/overview", 1000)
  const samples = useHistory(overview.data)
  const self = overview.data?.nodes.find((node) => node.self)
  return html`
    <header>
      <h1>Holdfast</h1>
      <nav aria-label="Pages">${
    pages.map(([path, name]) =>
      html`<a href=${`#${path}`} aria-current=${isIn(route, path) ? "page" : undefined}>${name}</a>`
    )
  }</nav>
      <${Health} overview=${overview} />
    </header>
    <main>${pageOf(route, overview, samples)}</main>
    <footer>
      ${self === undefined ? "" : `Shown by ${self.nodeId}. `}
      <a href="/docs">HTTP API</a> · <a href="/metrics">Metrics</a>
    </footer>`
}

const isIn = (route, path) => route === path || path !== "/" && route.startsWith(`${path}/`)

const pageOf = (route, overview, samples) => {
  const name = lockIn(route)
  if (name !== "") return html`<${Lock} name=${name} />`
  if (route === "/locks") return html`<${Locks} />`
  if (route === "/sessions") return html`<${Sessions} />`
  if (route === "/") return html`<${Cluster} nodes=${overview.data?.nodes} samples=${samples} />`
  return html`<section><h2>There is no such page</h2>
    <p>The address names <code>${route}</code>, which is none. <a href="#/">To the cluster</a></p></section>`
}

/** The name in the address of a lock's page; empty when it is that of none. */
const lockIn = (route) => {
  if (!route.startsWith("/locks/")) return ""
  try {
    return decodeURIComponent(route.slice("/locks/".length))
  } catch {
    return ""
  }
}

/** Whether all is well, in one line that is read aloud when it changes. */
const Health = ({ overview: { data, error } }) => {
  if (error !== undefined) {
    return html`<span role="status" class="bad">
      <${Gone} nodes=${data?.nodes} so="what is shown is old" where="Go on at" /></span>`
  }
  if (data === undefined) return html`<span role="status" class="quiet">Looks at the cluster …</span>`
  const { tone, words } = healthOf(data.nodes)
  return html`<span role="status" class=${tone}>${words}</span>`
}

render(html`<${App} />`, document.getElementById("app"))
