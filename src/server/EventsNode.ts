/**
 * `Events` of the node in this process: each watcher reads the node's ring of events at its own pace.
 */
import { Effect, Layer, Stream } from "effect"
import { Overloaded } from "../api/Problems.ts"
import { RaftNode } from "../node/RaftNode.ts"
import { Events } from "./Events.ts"
import { begin, type Log, next } from "./events/Watching.ts"

/** Each costs a socket and a timer. */
const watchersMax = 1_000

export const makeEvents = (log: Log): Events["Service"] => {
  const stops = new Set<() => void>()
  let watching = 0
  let isStopping = false
  const counted = Effect.acquireRelease(
    Effect.sync(() => void (watching += 1)),
    () => Effect.sync(() => void (watching -= 1))
  )
  const source = { log, stops, isStopping: () => isStopping }
  return Events.of({
    watch: (options) =>
      Effect.suspend(() => {
        if (watching >= watchersMax) return Effect.fail(new Overloaded({ detail: tooMany }))
        const told = Stream.unfold(begin(log, options), (place) => next(source, options.prefix, place))
        return Effect.succeed(Stream.unwrap(Effect.as(counted, Stream.flattenIterable(told))))
      }),
    drain: Effect.sync(() => {
      isStopping = true
      for (const stop of stops) stop()
    })
  })
}

const tooMany = "This node has as many watchers as it takes. Watch at another node."

export const layer = Layer.effect(Events, Effect.map(RaftNode, ({ events }) => makeEvents(events)))
