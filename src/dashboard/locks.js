/**
 * The locks that are held or waited for, found by the beginning of their names.
 */
import { html } from "htm/preact"
import { useState } from "preact/hooks"
import { duration, nameOf, useAnswer } from "./data.js"

const pageLength = 100

export const Locks = () => {
  const [prefix, setPrefix] = useState("")
  const path = `/v1/locks?consistency=stale&limit=${pageLength}&prefix=${encodeURIComponent(prefix)}`
  const { data, error } = useAnswer(path, 1000)
  return html`<section>
    <h2>Locks</h2>
    <form onSubmit=${(event) => event.preventDefault()}>
      <label for="search">Names that begin with</label>
      <input id="search" type="search" value=${prefix} onInput=${(event) =>
    setPrefix(event.target.value)} autocomplete="off" />
    </form>
    ${error === undefined ? "" : html`<p class="bad" role="alert">${error}</p>`}
    ${data === undefined ? html`<p class="quiet">Looks …</p>` : html`<${Table} ...${data} prefix=${prefix} />`}
  </section>`
}

const Table = ({ cursor, locks, prefix }) => {
  if (locks.length === 0) {
    const why = prefix === "" ? "No lock is held or waited for." : `No lock whose name begins with ${prefix} is held.`
    return html`<p class="quiet">${why}</p>`
  }
  return html`<div class="scroll"><table id="locks">
    <thead><tr><th>Lock</th><th>Held by</th><th>Mode</th><th class="right">Token</th><th class="right">Held for</th>
      <th class="right">TTL left</th><th class="right">Queue</th></tr></thead>
    <tbody>${locks.map((lock) => html`<${Row} key=${lock.name} ...${lock} />`)}</tbody>
  </table></div>
  ${
    cursor === null
      ? ""
      : html`<p class="quiet">These are the first ${locks.length}. Type more of the name to see others.</p>`
  }`
}

const Row = ({ holders, lockDelayLeftMs, mode, name, permits, queueLength }) => {
  const [first] = holders
  const others = holders.length > 1 ? ` and ${holders.length - 1} more` : ""
  return html`<tr>
    <td><a href=${`#/locks/${encodeURIComponent(name)}`}><code>${name}</code></a></td>
    <td>${first === undefined ? html`<span class="quiet">nobody</span>` : `${nameOf(first)}${others}`}</td>
    <td>${mode ?? "–"}${permits > 1 ? `, ${permits} permits` : ""}</td>
    <td class="right">${first?.token ?? "–"}</td>
    <td class="right">${first === undefined ? "–" : duration(first.heldMs)}</td>
    <td class="right">${first === undefined ? delayOf(lockDelayLeftMs) : duration(first.expiresInMs)}</td>
    <td class=${`right ${queueLength > 0 ? "warn" : ""}`}>${queueLength}</td>
  </tr>`
}

const delayOf = (millis) => millis > 0 ? `lock-delay, ${duration(millis)}` : "–"
