/**
 * One lock: who holds it, who waits for it and for how long yet, what happens, and who held it before.
 */
import { html } from "htm/preact"
import { clock, duration, nameOf, useAnswer, useEvents } from "./data.js"
import { LockActions } from "./dev.js"
import { Feed } from "./feed.js"

export const Lock = ({ name }) => {
  // Whatever happens to this lock is a reason to look again at once.
  const events = useEvents(name, 50).filter((event) => event.name === undefined || event.name === name)
  const path = `/v1/locks/${encodeURIComponent(name)}`
  const explained = useAnswer(`${path}/explain?consistency=stale`, 1000, events[0]?.id)
  const past = useAnswer(`${path}/history?consistency=stale`, 3000, events[0]?.id)
  const { data, error } = explained
  return html`
    <section>
      <p><a href="#/locks">All locks</a></p>
      <h2><code>${name}</code></h2>
      ${error === undefined ? "" : html`<p class="bad" role="alert">${error}</p>`}
      ${data === undefined ? html`<p class="quiet">Looks …</p>` : html`<${Facts} ...${data} />`}
      <${LockActions} name=${name} />
    </section>
    ${data === undefined ? "" : html`<div class="pair"><${Holders} ...${data} /><${Queue} ...${data} /></div>`}
    <${History} holds=${past.data?.history} />
    <section><h2>What happens</h2><${Feed} events=${events} /></section>`
}

const Facts = ({ estimate, holders, lockDelayLeftMs, mode, permits, queueLength }) => {
  const facts = [
    ["Now", holders.length > 0 ? `held, ${mode}` : lockDelayLeftMs > 0 ? "in its lock-delay" : "free"],
    ...(permits > 1 ? [["Permits", `${holders.length} of ${permits}`]] : []),
    ["Waiting", queueLength],
    ["Who came now would wait", estimate.waitMs === null ? "nobody knows" : `about ${duration(estimate.waitMs)}`],
    ["At the longest", estimate.atMostMs === null ? "no limit" : duration(estimate.atMostMs)],
    [
      "Typical hold",
      estimate.typicalHoldMs === null ? "–" : `${duration(estimate.typicalHoldMs)} (of ${estimate.holdsSeen})`
    ]
  ]
  return html`<dl class="facts">${
    facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)
  }</dl>`
}

const Holders = ({ holders }) =>
  html`<section><h2>Held by</h2>${
    holders.length === 0 ? html`<p class="quiet">Nobody.</p>` : html`<div class="scroll"><table id="holders">
    <thead><tr><th>Holder</th><th class="right">Token</th><th class="right">Held for</th><th class="right">TTL left</th></tr></thead>
    <tbody>${
      holders.map((holder) =>
        html`<tr key=${holder.token}><td>${nameOf(holder)}${
          holder.value === undefined ? "" : html`<br><code class="quiet">${holder.value}</code>`
        }</td><td class="right">${holder.token}</td><td class="right">${duration(holder.heldMs)}</td>
        <td class="right">${duration(holder.expiresInMs)}</td></tr>`
      )
    }</tbody></table></div>`
  }</section>`

const Queue = ({ queue, queueLength }) =>
  html`<section><h2>Queue</h2>${
    queue.length === 0 ? html`<p class="quiet">Nobody waits.</p>` : html`<div class="scroll"><table id="queue">
    <thead><tr><th>#</th><th>Waits</th><th>Mode</th><th class="right">For</th><th class="right">Gets it in about</th>
      <th class="right">Gives up in</th></tr></thead>
    <tbody>${
      queue.slice(0, 100).map((waiter) =>
        html`<tr key=${waiter.position}><td>${waiter.position}</td><td>${nameOf(waiter)}</td><td>${waiter.mode}</td>
        <td class="right">${duration(waiter.waitedMs)}</td>
        <td class="right">${waiter.estimatedWaitMs === null ? "nobody knows" : duration(waiter.estimatedWaitMs)}</td>
        <td class="right">${duration(waiter.waitEndsInMs)}</td></tr>`
      )
    }</tbody></table></div>
    ${queueLength > 100 ? html`<p class="quiet">These are the first 100 of ${queueLength}.</p>` : ""}`
  }</section>`

const History = ({ holds }) =>
  html`<section><h2>Who held it</h2>${
    holds === undefined || holds.length === 0
      ? html`<p class="quiet">Nobody is known to have held it.</p>`
      : html`<div class="scroll"><table id="history">
    <thead><tr><th class="right">Token</th><th>Holder</th><th>From</th><th>To</th><th class="right">Held</th><th>How it ended</th></tr></thead>
    <tbody>${
        holds.map((hold) =>
          html`<tr key=${hold.token}><td class="right">${hold.token}</td><td>${nameOf(hold)}</td>
        <td title=${hold.grantedAt ?? ""}>${clock(hold.grantedAt)}</td>
        <td title=${hold.endedAt ?? ""}>${hold.ended === null ? "–" : clock(hold.endedAt)}</td>
        <td class="right">${duration(hold.heldMs)}</td>
        <td class=${endColor(hold.ended)}>${hold.ended ?? "holds it"}</td></tr>`
        )
      }</tbody></table></div>`
  }</section>`

const endColor = (ended) => {
  if (ended === null) return "good"
  return ended === "released" || ended === "session-ended" ? "quiet" : "bad"
}
