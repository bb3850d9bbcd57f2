/**
 * The locks that are held or waited for, found by the beginning of their names.
 */
import { html } from "htm/preact"
import { useState } from "preact/hooks"
import { duration, nameOf, useAnswer } from "./data.js"
import { Row, Table, toned } from "./table.js"

const pageLength = 100

const columns = [
  { name: "Lock" },
  { name: "Held by" },
  { name: "Mode" },
  { name: "Token", isRight: true },
  { name: "Held for", isRight: true },
  { name: "TTL left", isRight: true },
  { name: "Queue", isRight: true }
]

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
    ${data === undefined ? html`<p class="quiet">Looks …</p>` : html`<${Found} ...${data} prefix=${prefix} />`}
  </section>`
}

const Found = ({ cursor, locks, prefix }) => {
  if (locks.length === 0) {
    const why = prefix === "" ? "No lock is held or waited for." : `No lock whose name begins with ${prefix} is held.`
    return html`<p class="quiet">${why}</p>`
  }
  return html`<${Table} id="locks" columns=${columns} rows=${
    locks.map((lock) => html`<${Row} key=${lock.name} columns=${columns} cells=${cellsOf(lock)} />`)
  } />
  ${
    cursor === null
      ? ""
      : html`<p class="quiet">These are the first ${locks.length}. Type more of the name to see others.</p>`
  }`
}

const cellsOf = ({ holders, lockDelayLeftMs, mode, name, permits, queueLength }) => {
  const [first] = holders
  const others = holders.length > 1 ? ` and ${holders.length - 1} more` : ""
  return [
    html`<a href=${`#/locks/${encodeURIComponent(name)}`}><code>${name}</code></a>`,
    first === undefined ? toned("nobody", "quiet") : `${nameOf(first)}${others}`,
    `${mode ?? "–"}${permits > 1 ? `, ${permits} permits` : ""}`,
    first?.token ?? "–",
    first === undefined ? "–" : duration(first.heldMs),
    first === undefined ? delayOf(lockDelayLeftMs) : duration(first.expiresInMs),
    toned(queueLength, queueLength > 0 ? "warn" : "")
  ]
}

const delayOf = (millis) => millis > 0 ? `lock-delay, ${duration(millis)}` : "–"
