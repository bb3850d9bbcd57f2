/**
 * What the page knows, and how it stays true: answers that are asked for again and again while somebody looks, and the
 * stream of events. A node that does not answer leaves the last answer there, and says so.
 */
import { useEffect, useState } from "preact/hooks"

/** The node has given no answer, which is not the same as to say no. */
export class Silence extends Error {}

/**
 * Asks this node, and throws what its problem says, or `Silence`.
 * @param {string} path
 * @param {object} [body] Makes it a POST.
 * @param {number} [millisMax]
 */
export const ask = async (path, body, millisMax = 5000) => {
  const { answer, text } = await answerOf(path, {
    signal: AbortSignal.timeout(millisMax),
    ...(body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
  })
  const json = text === "" ? {} : JSON.parse(text)
  if (!answer.ok) throw new Error(json.detail ?? json.title ?? `HTTP ${answer.status}`)
  return json
}

/**
 * @param {string} path
 * @param {RequestInit} how
 */
const answerOf = async (path, how) => {
  try {
    const answer = await fetch(path, how)
    return { answer, text: await answer.text() }
  } catch {
    throw new Silence("The node that serves this page does not answer.")
  }
}

/**
 * The answer to a GET, asked again as long as the page is seen. `again` changes when it should be asked at once.
 * @param {string} path
 * @param {number} everyMillis
 * @param {unknown} [again]
 */
export const useAnswer = (path, everyMillis, again) => {
  const [state, setState] = useState({ path, ...unknown })
  useEffect(() => {
    let isOver = false
    let timer = 0
    const look = async () => {
      if (!document.hidden) {
        try {
          const data = await ask(path)
          if (!isOver) setState({ path, data, error: undefined, isSilent: false })
        } catch (error) {
          const isSilent = error instanceof Silence
          if (!isOver) setState((last) => ({ ...last, path, isSilent, error: String(error.message ?? error) }))
        }
      }
      if (!isOver) timer = window.setTimeout(look, everyMillis)
    }
    look()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [path, everyMillis, again])
  // The answer to another question is none.
  return state.path === path ? state : { path, ...unknown }
}

const unknown = { data: undefined, error: undefined, isSilent: false }

const kinds = ["granted", "released", "expired", "queued", "left", "leader", "gap", "cut-off"]

/**
 * The latest events, the newest first. The browser comes back by itself where it was.
 * @param {string} prefix
 * @param {number} countMax
 */
export const useEvents = (prefix, countMax) => {
  const [events, setEvents] = useState([])
  useEffect(() => {
    setEvents([])
    const source = new EventSource(`/v1/events?prefix=${encodeURIComponent(prefix)}`)
    for (const kind of kinds) {
      source.addEventListener(kind, ({ data, lastEventId }) => {
        const event = { at: Date.now(), ...JSON.parse(data), kind, id: lastEventId }
        setEvents((before) => [event, ...before].slice(0, countMax))
      })
    }
    return () => source.close()
  }, [prefix, countMax])
  return events
}

/** Where in the page one is: the part behind `#`. */
export const useRoute = () => {
  const [route, setRoute] = useState(location.hash.slice(1) || "/")
  useEffect(() => {
    const change = () => setRoute(location.hash.slice(1) || "/")
    addEventListener("hashchange", change)
    return () => removeEventListener("hashchange", change)
  }, [])
  return route
}

/** @param {number} millis */
export const duration = (millis) => {
  if (millis < 1000) return `${Math.round(millis)} ms`
  const seconds = Math.floor(millis / 1000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} m`
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`
}

/** @param {string | number | null} time */
export const clock = (time) => {
  if (time === null) return "unknown"
  const date = new Date(time)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")
}

/**
 * The same everywhere, and with the date unless it is today's.
 * @param {string | number | null} time
 */
export const dateAndTime = (time) => {
  if (time === null || dateOf(new Date(time)) === dateOf(new Date())) return clock(time)
  return `${dateOf(new Date(time))} ${clock(time)}`
}

/** @param {Date} date */
const dateOf = (date) => [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-")

/** @param {number} value */
const two = (value) => String(value).padStart(2, "0")

/** @param {{ label: string, owner: string }} who */
export const nameOf = ({ label, owner }) => [label, owner].filter((part) => part !== "").join(" / ") || "no label"
