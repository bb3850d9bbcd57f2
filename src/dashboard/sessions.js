/**
 * The sessions that live: whose they are, how long yet, and what they hold. Their ids are secrets, and not here.
 */
import { html } from "htm/preact"
import { duration, useAnswer } from "./data.js"
import { Row, Table, toned } from "./table.js"

const columns = [
  { name: "Label" },
  { name: "TTL", isRight: true },
  { name: "Ends in", isRight: true },
  { name: "Holds", isRight: true },
  { name: "Waits for", isRight: true }
]

const cellsOf = ({ expiresInMs, holds, label, ttlMs, waits }) => [
  label === "" ? toned("no label", "quiet") : label,
  duration(ttlMs),
  duration(expiresInMs),
  holds,
  waits
]

export const Sessions = () => {
  const { data, error } = useAnswer("/v1/sessions?consistency=stale&limit=200", 1000)
  return html`<section><h2>Sessions</h2>
    ${error === undefined ? "" : html`<p class="bad" role="alert">${error}</p>`}
    ${data === undefined ? html`<p class="quiet">Looks …</p>` : html`<${Living} ...${data} />`}
  </section>`
}

const Living = ({ cursor, sessions }) =>
  sessions.length === 0
    ? html`<p class="quiet">There are none.</p>`
    : html`<${Table} id="sessions" columns=${columns} rows=${
      sessions.map((session, at) => html`<${Row} key=${at} columns=${columns} cells=${cellsOf(session)} />`)
    } />
    ${
      cursor === null
        ? ""
        : html`<p class="quiet">These are the first ${sessions.length}, in the order in which they were made.</p>`
    }`
