/**
 * A node's events in the words of the API.
 */
import type { WatchEvent } from "../../api/Events.ts"
import type { LockEvent } from "../../lock/LockEvent.ts"
import type { Happening, Numbered, Position } from "../../node/EventLog.ts"
import { wallTime } from "../WallTime.ts"

export const idOf = ({ index, n }: Position): string => `${index}.${n}`

/** Of an id that the API has checked. */
export const positionOf = (id: string): Position => {
  const [index = 0, n = 0] = id.split(".").map(Number)
  return { index, n }
}

/** Who leads concerns everybody. */
export const isOf = (prefix: string, happening: Happening): boolean =>
  happening.kind === "leader" || happening.lock.startsWith(prefix)

export const tell = ({ happening, position }: Numbered): WatchEvent => {
  const id = idOf(position)
  if (happening.kind === "leader") {
    return { id, event: "leader", data: { term: happening.term, leaderId: happening.leaderId } }
  }
  // Each kind has the reasons of its own; `Chronicle` sees to that.
  return { id, event: happening.kind, data: dataOf(happening) } as WatchEvent
}

const dataOf = (event: LockEvent) => {
  const { kind, label, lock: name, millis, mode, owner, queueLength, reason, token, wallMillis } = event
  const at = wallTime(wallMillis)
  const about = { name, mode, label, owner, queueLength, ...(at === null ? {} : { at }) }
  switch (kind) {
    case "granted":
      return { ...about, token, waitedMs: millis }
    case "released":
    case "expired":
      return { ...about, token, heldMs: millis, reason }
    case "queued":
      return about
    case "left":
      return { ...about, waitedMs: millis, reason }
  }
}
