/**
 * Events in words, the newest first.
 */
import { html } from "htm/preact"
import { clock, duration, nameOf } from "./data.js"

const colors = {
  granted: "good",
  released: "quiet",
  expired: "bad",
  queued: "warn",
  left: "warn",
  leader: "good",
  gap: "bad"
}

export const Feed = ({ events }) =>
  events.length === 0
    ? html`<p class="quiet">Nothing has happened since this page was opened.</p>`
    : html`<ul class="feed" id="feed">${
      events.map((event) =>
        html`<li key=${event.id + event.kind}><span class="quiet">${clock(event.at)}</span>${" "}
          <strong class=${colors[event.kind] ?? "quiet"}>${event.kind}</strong> ${wordsOf(event)}</li>`
      )
    }</ul>`

const wordsOf = (event) => {
  switch (event.kind) {
    case "leader":
      return `${event.leaderId ?? "another node"} leads in term ${event.term}`
    case "gap":
      return `events are missing here: ${event.reason}`
    case "cut-off":
      return `the node ended the stream: ${event.reason}`
    default:
      return html`<a href=${`#/locks/${encodeURIComponent(event.name)}`}>${event.name}</a> ${nameOf(event)}${
        factsOf(event)
      }`
  }
}

const factsOf = ({ heldMs, queueLength, reason, token, waitedMs }) =>
  [
    token === undefined ? "" : `token ${token}`,
    waitedMs === undefined ? "" : `waited ${duration(waitedMs)}`,
    heldMs === undefined ? "" : `held ${duration(heldMs)}`,
    reason === undefined || reason === "released" ? "" : reason,
    queueLength > 0 ? `${queueLength} wait` : ""
  ].filter((fact) => fact !== "").map((fact) => `, ${fact}`).join("")
