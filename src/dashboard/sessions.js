/**
 * The sessions that live: whose they are, how long yet, and what they hold. Their ids are secrets, and not here.
 */
import { html } from "htm/preact"
import { duration, useAnswer } from "./data.js"

export const Sessions = () => {
  const { data, error } = useAnswer("/v1/sessions?consistency=stale&limit=200", 1000)
  return html`<section><h2>Sessions</h2>
    ${error === undefined ? "" : html`<p class="bad" role="alert">${error}</p>`}
    ${data === undefined ? html`<p class="quiet">Looks …</p>` : html`<${Table} ...${data} />`}
  </section>`
}

const Table = ({ cursor, sessions }) =>
  sessions.length === 0
    ? html`<p class="quiet">There are none.</p>`
    : html`<div class="scroll"><table id="sessions">
    <thead><tr><th>Label</th><th class="right">TTL</th><th class="right">Ends in</th><th class="right">Holds</th>
      <th class="right">Waits for</th></tr></thead>
    <tbody>${
      sessions.map(({ expiresInMs, holds, label, ttlMs, waits }, at) =>
        html`<tr key=${at}><td>${label === "" ? html`<span class="quiet">no label</span>` : label}</td>
        <td class="right">${duration(ttlMs)}</td><td class="right">${duration(expiresInMs)}</td>
        <td class="right">${holds}</td><td class="right">${waits}</td></tr>`
      )
    }</tbody></table></div>
    ${
      cursor === null
        ? ""
        : html`<p class="quiet">These are the first ${sessions.length}, in the order in which they were made.</p>`
    }`
