/**
 * What each node was in the last minutes, as one band for each, with a line where a term began: elections as they
 * happen.
 */
import { html } from "htm/preact"

const secondsShown = 120
const width = 600
const left = 60
const rowHeight = 26

export const Timeline = ({ nodes, samples }) => {
  const now = samples.at(-1)?.at ?? 0
  const shown = samples.filter(({ at }) => at >= now - secondsShown)
  const x = (at) => left + ((at - (now - secondsShown)) / secondsShown) * (width - left)
  const height = nodes.length * rowHeight + 18
  return html`<section><h2>Elections</h2>
    <svg class="timeline" viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${inWords(shown)}>
      ${
    nodes.map(({ nodeId }, row) =>
      html`<text x="0" y=${row * rowHeight + 17}>${nodeId}</text>${
        spansOf(shown, nodeId, now).map(({ from, state, to }) =>
          html`<rect class=${state} x=${x(from)} y=${row * rowHeight + 3} width=${Math.max(1, x(to) - x(from))}
            height=${rowHeight - 6}><title>${`${nodeId}: ${state.toLowerCase()}`}</title></rect>`
        )
      }`
    )
  }
      ${
    elections(shown).map(({ at, term }) =>
      html`<line class="election" x1=${x(at)} x2=${x(at)} y1="0" y2=${height - 14} />
        <text x=${Math.min(x(at) + 3, width - 50)} y=${height - 3}>term ${term}</text>`
    )
  }
    </svg>
    <div class="legend">
      <span><i style=${{ background: "var(--leader)" }}></i>leads</span>
      <span><i style=${{ background: "var(--follower)" }}></i>follows</span>
      <span><i style=${{ background: "var(--candidate)" }}></i>stands for election</span>
      <span><i style=${{ background: "var(--away)" }}></i>does not answer</span>
      <span>the last two minutes</span>
    </div></section>`
}

/** A sample holds until the next one. */
const spansOf = (samples, nodeId, now) => {
  const spans = []
  for (const [index, { at, states }] of samples.entries()) {
    const state = states[nodeId] ?? "AWAY"
    const last = spans.at(-1)
    const to = samples[index + 1]?.at ?? now
    if (last?.state === state) last.to = to
    else spans.push({ state, from: at, to })
  }
  return spans
}

const elections = (samples) =>
  samples.flatMap(({ at, term }, index) => index > 0 && term > samples[index - 1].term ? [{ at, term }] : [])

const inWords = (samples) => {
  const count = elections(samples).length
  const leader = Object.entries(samples.at(-1)?.states ?? {}).find(([, state]) => state === "LEADER")?.[0]
  return `${leader ?? "Nobody"} leads. ${count} new terms in the last two minutes.`
}
