/**
 * What can be done and not only looked at. Locks can be taken and given back on a cluster that `holdfast dev` runs; and
 * there, and only there, nodes can be stopped, frozen and started, and links be cut.
 */
import { html } from "htm/preact"
import { useState } from "preact/hooks"
import { ask, Silence, useAnswer } from "./data.js"
import { Gone } from "./gone.js"
import { pairsOf } from "./health.js"

/** Whether `holdfast dev` runs this node, which wrote so into the page. */
const isDev = document.querySelector("meta[name=holdfast-dev]")?.getAttribute("content") === "true"

export const DevPanel = ({ nodes }) =>
  isDev ? html`<${Breaking} nodes=${nodes} />` : html`<${NotHere} nodes=${nodes} />`

/** This node was started by hand, beside a `holdfast dev` that runs others. */
const NotHere = ({ nodes }) => {
  const self = nodes.find((node) => node.self)
  const others = nodes.filter(({ view }) => view?.dev)
  if (others.length === 0) return ""
  return html`<section class="notice"><h2>Break it</h2>
    <p class="quiet">${self?.nodeId} was not started by <code>holdfast dev</code>, so this page can break nothing. One of
    ${others.map(({ http, nodeId }) => html` <a href=${`http://${http}/`}>${nodeId}</a>`)} can.</p></section>`
}

const Breaking = ({ nodes }) => {
  const { data, error, isSilent } = useAnswer("/dev/state", 1000)
  const [failure, setFailure] = useState("")
  if (data === undefined) return ""
  const act = (path, body) => async () => {
    try {
      // A node may take its time to start, or to find that it cannot.
      await ask(path, body, 20_000)
      setFailure("")
    } catch (wrong) {
      // That it is silent is seen by every other question too, and said until it is over.
      setFailure(wrong instanceof Silence ? "" : String(wrong.message ?? wrong))
    }
  }
  return html`<section class="notice"><h2>Break it</h2>
    <p class="quiet">This cluster runs under <code>holdfast dev</code>, for trying: only there can a page do this.</p>
    <div class="pair">
      <div class="scroll"><table id="processes"><tbody>${
    data.nodes.map((node) => html`<${Process} key=${node.nodeId} ...${node} isKnown=${!isSilent} act=${act} />`)
  }</tbody></table></div>
      <div class="scroll"><table id="cuts"><tbody>${
    pairsOf(nodes).map(([a, b]) =>
      html`<${LinkRow} key=${`${a.nodeId} ${b.nodeId}`} a=${a} b=${b} isKnown=${!isSilent} act=${act} />`
    )
  }</tbody></table></div>
    </div>
    <p class="said bad" role="alert">${
    isSilent
      ? html`<${Gone} nodes=${nodes} so="from here nothing can be done" where="Start it, or break others, at" />`
      : failure || error
  }</p></section>`
}

const stateNames = { elsewhere: "runs elsewhere: it was started by hand" }

const stateColors = { running: "good", elsewhere: "warn" }

/** One that is off can have the focus all the same, so that who works with a keyboard stays where they were. */
const Button = ({ children, isOn, onClick }) =>
  html`<button type="button" aria-disabled=${isOn ? undefined : "true"} onClick=${
    isOn ? onClick : undefined
  }>${children}</button>`

const Process = ({ act, isKnown, nodeId, state }) => {
  const button = (action, name, isOn) =>
    html`<${Button} isOn=${isKnown && isOn} onClick=${
      act("/dev/nodes", { nodeId, action })
    }>${name}<span class="sr"> ${nodeId}</span><//>`
  const shown = isKnown
    ? html`<td class=${stateColors[state] ?? "bad"}>${stateNames[state] ?? state}</td>`
    : html`<td class="quiet">unknown</td>`
  return html`<tr><td><strong>${nodeId}</strong></td>${shown}
    <td><div class="row">
      ${button("stop", "Stop", state === "running")}${button("kill", "Kill", state !== "stopped")}
      ${button("freeze", "Freeze", state === "running")}${button("resume", "Thaw", state === "frozen")}
      ${button("start", "Start", state === "stopped")}
    </div></td></tr>`
}

const LinkRow = ({ a, act, b, isKnown }) => {
  const isCut = seesCut(a, b) || seesCut(b, a)
  const [tone, words] = !isKnown ? ["quiet", "unknown"] : isCut ? ["bad", "cut"] : ["good", "whole"]
  return html`<tr><td>${a.nodeId} – ${b.nodeId}</td><td class=${tone}>${words}</td>
    <td><${Button} isOn=${isKnown} onClick=${act("/dev/links", { a: a.nodeId, b: b.nodeId, cut: !isCut })}>
      ${isCut ? "Heal" : "Cut"}<span class="sr"> ${a.nodeId} – ${b.nodeId}</span><//></td></tr>`
}

const seesCut = ({ view }, { nodeId }) => view?.peers.some((peer) => peer.nodeId === nodeId && peer.cut) ?? false

/** What this page holds of each lock: the session and the token prove it, and are gone with the page. */
const held = new Map()

export const LockActions = ({ name }) => isDev ? html`<${Taking} name=${name} />` : ""

const Taking = ({ name }) => {
  const [said, setSaid] = useState("")
  const [isBusy, setBusy] = useState(false)
  const path = `/v1/locks/${encodeURIComponent(name)}`
  const attempt = (what) => async () => {
    setBusy(true)
    try {
      setSaid(await what())
    } catch (wrong) {
      setSaid(String(wrong.message ?? wrong))
    }
    setBusy(false)
  }
  const acquire = attempt(async () => {
    const grant = await ask(`${path}/acquire`, { ttlMs: 30_000, label: "this page" })
    held.set(name, grant)
    return `Acquired with token ${grant.token}, for 30 s.`
  })
  const release = attempt(async () => {
    const { session, token } = held.get(name)
    held.delete(name)
    await ask(`${path}/release`, { session, token })
    return `Released token ${token}.`
  })
  return html`<form>
    <${Button} onClick=${acquire} isOn=${!isBusy}>Acquire<//>
    <${Button} onClick=${release} isOn=${!isBusy && held.has(name)}>Release<//>
    <span role="status">${said}</span>
  </form>`
}
