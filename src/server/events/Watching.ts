/**
 * One watcher's way through the events of a node: from where it begins to where it falls behind or the node stops.
 *
 * Nothing is passed over in silence: what is missing is told as a gap, what has not happened here yet is waited for,
 * and after a quiet while the watcher hears how far it is.
 */
import { Effect } from "effect"
import type { WatchEvent, WatchOptions } from "../../api/Events.ts"
import { compare, type EventLog, type Position, type Read } from "../../node/EventLog.ts"
import { idOf, isOf, positionOf, tell } from "./Telling.ts"

export type Log = Pick<EventLog, "read" | "end" | "listen">

export interface Source {
  readonly log: Log
  /** How to wake whoever waits when the node stops. */
  readonly stops: Set<() => void>
  readonly isStopping: () => boolean
}

/** Where a watcher is: `new` and `resuming` have read nothing yet, and `resuming` came with the id of an event. */
export interface Place {
  readonly phase: "new" | "resuming" | "following" | "over"
  readonly position: Position
  readonly isResumed: boolean
}

type Step = readonly [events: ReadonlyArray<WatchEvent>, place: Place]

export const begin = (log: Log, { after }: WatchOptions): Place => ({
  phase: "new",
  position: after === undefined ? log.end : positionOf(after),
  isResumed: after !== undefined
})

/** The next events that it is told, and where it is then; undefined when its stream is over. */
export const next = (source: Source, prefix: string, place: Place): Effect.Effect<Step | undefined> =>
  Effect.suspend((): Effect.Effect<Step | undefined> => {
    const { isResumed, phase, position } = place
    if (phase === "over") return Effect.undefined
    if (source.isStopping()) return Effect.succeed(cutOff("stopping", place))
    if (phase === "new") {
      return Effect.succeed([[at(position)], { ...place, phase: isResumed ? "resuming" : "following" }])
    }
    if (compare(position, source.log.end) > 0) return catchUp(source, place)
    return read(source, prefix, place)
  })

/** Entries that bring nothing about for it, and events of others, are passed over, and the quiet goes on. */
const read = (source: Source, prefix: string, place: Place): Effect.Effect<Step> => {
  let passed = place
  const look: Effect.Effect<Step> = Effect.suspend(() => {
    const found = source.log.read(passed.position, readMax)
    if (found.missing === "forgotten" && passed.phase === "following") return Effect.succeed(cutOff("too-slow", passed))
    const events = told(found, passed, prefix)
    const after: Place = { phase: "following", position: found.upTo, isResumed: false }
    if (events.length > 0) return Effect.succeed([events, after])
    passed = after
    if (source.isStopping()) return Effect.succeed(cutOff("stopping", passed))
    return found.events.length > 0 ? look : Effect.andThen(hear(source, found.upTo), look)
  })
  const quiet = Effect.sync((): Step => [[at(passed.position)], passed])
  return Effect.timeoutOrElse(look, { duration: quietMillisMax, orElse: () => quiet })
}

const told = ({ events, missing, upTo }: Read, { position }: Place, prefix: string): ReadonlyArray<WatchEvent> => {
  const mine = events.filter(({ happening }) => isOf(prefix, happening)).map(tell)
  if (missing === null) return mine
  const first = events[0]?.position
  // Whoever has heard of the gap goes on behind it, with the first event that there is.
  const behind = first === undefined ? upTo : { index: first.index, n: first.n - 1 }
  return [{ id: idOf(behind), event: "gap", data: { after: idOf(position), reason: missing } }, ...mine]
}

/**
 * The watcher has heard of more than this node has applied. It comes from a node that is ahead, and then this one is
 * there soon; or from another cluster, or one that was restored from a backup, and then nobody knows what it missed.
 */
const catchUp = (source: Source, place: Place): Effect.Effect<Step> => {
  const isBehind = () => compare(place.position, source.log.end) > 0 && !source.isStopping()
  const wait: Effect.Effect<Step> = Effect.flatMap(
    Effect.suspend(() => hear(source, source.log.end)),
    () => isBehind() ? wait : Effect.succeed([[], place])
  )
  const giveUp = Effect.sync((): Step => {
    const { end } = source.log
    const gap: WatchEvent = { id: idOf(end), event: "gap", data: { after: idOf(place.position), reason: "unknown" } }
    return [[gap], { phase: "following", position: end, isResumed: false }]
  })
  return Effect.timeoutOrElse(wait, { duration: aheadMillisMax, orElse: () => giveUp })
}

const at = (position: Position): WatchEvent => ({ id: idOf(position), event: "at", data: {} })

const cutOff = (reason: "too-slow" | "stopping", place: Place): Step => [
  [{ id: idOf(place.position), event: "cut-off", data: { reason } }],
  { ...place, phase: "over" }
]

/** Until there may be something beyond this place, or the node stops. */
const hear = ({ isStopping, log, stops }: Source, beyond: Position): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const wake = () => resume(Effect.void)
    const callOff = log.listen(wake)
    stops.add(wake)
    if (compare(log.end, beyond) > 0 || isStopping()) wake()
    return Effect.sync(() => {
      callOff()
      stops.delete(wake)
    })
  })

const readMax = 256

/** Well within the idle timeouts of proxies. */
const quietMillisMax = 15_000

/** Far longer than a node that follows is behind. */
const aheadMillisMax = 5_000
