/**
 * One lock: who holds it, who waits for it and for how long yet, what happens, and who held it before.
 */
import { html } from "htm/preact"
import { dateAndTime, duration, nameOf, useAnswer, useEvents } from "./data.js"
import { LockActions } from "./dev.js"
import { Feed } from "./feed.js"
import { Row, Table, toned } from "./table.js"

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
    ["Who came now", waitOf(estimate.waitMs)],
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

const waitOf = (millis) => {
  if (millis === null) return "would wait, nobody knows how long"
  return millis === 0 ? "would have it at once" : `would wait about ${duration(millis)}`
}

const holderColumns = [
  { name: "Holder" },
  { name: "Token", isRight: true },
  { name: "Held for", isRight: true },
  { name: "TTL left", isRight: true }
]

const Holders = ({ holders }) =>
  html`<section><h2>Held by</h2>${
    holders.length === 0
      ? html`<p class="quiet">Nobody.</p>`
      : html`<${Table} id="holders" columns=${holderColumns} rows=${
        holders.map((holder) =>
          html`<${Row} key=${holder.token} columns=${holderColumns} cells=${[
            html`${nameOf(holder)}${
              holder.value === undefined ? "" : html`<br/><code class="quiet">${holder.value}</code>`
            }`,
            holder.token,
            duration(holder.heldMs),
            duration(holder.expiresInMs)
          ]} />`
        )
      } />`
  }</section>`

const queueColumns = [
  { name: "#", isRight: true },
  { name: "Waits" },
  { name: "Mode" },
  { name: "For", isRight: true },
  { name: "Gets it in about", isRight: true },
  { name: "Gives up in", isRight: true }
]

const Queue = ({ queue, queueLength }) =>
  html`<section><h2>Queue</h2>${
    queue.length === 0
      ? html`<p class="quiet">Nobody waits.</p>`
      : html`<${Table} id="queue" columns=${queueColumns} rows=${
        queue.slice(0, 100).map((waiter) =>
          html`<${Row} key=${waiter.position} columns=${queueColumns} cells=${[
            waiter.position,
            nameOf(waiter),
            waiter.mode,
            duration(waiter.waitedMs),
            waiter.estimatedWaitMs === null ? "nobody knows" : duration(waiter.estimatedWaitMs),
            duration(waiter.waitEndsInMs)
          ]} />`
        )
      } />
    ${queueLength > 100 ? html`<p class="quiet">These are the first 100 of ${queueLength}.</p>` : ""}`
  }</section>`

const historyColumns = [
  { name: "Token", isRight: true },
  { name: "Holder" },
  { name: "From" },
  { name: "To" },
  { name: "Held", isRight: true },
  { name: "How it ended" }
]

const History = ({ holds }) =>
  html`<section><h2>Who held it</h2>${
    holds === undefined || holds.length === 0
      ? html`<p class="quiet">Nobody is known to have held it.</p>`
      : html`<${Table} id="history" columns=${historyColumns} rows=${
        holds.map((hold) =>
          html`<${Row} key=${hold.token} columns=${historyColumns} cells=${[
            hold.token,
            nameOf(hold),
            toned(dateAndTime(hold.grantedAt), "", hold.grantedAt ?? ""),
            toned(hold.ended === null ? "–" : dateAndTime(hold.endedAt), "", hold.endedAt ?? ""),
            duration(hold.heldMs),
            toned(hold.ended ?? "holds it", endColor(hold.ended))
          ]} />`
        )
      } />`
  }</section>`

const endColor = (ended) => {
  if (ended === null) return "good"
  return ended === "released" || ended === "session-ended" ? "quiet" : "bad"
}
