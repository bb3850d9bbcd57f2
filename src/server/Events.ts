/**
 * What becomes of locks, as this node applies it, for any number of watchers.
 *
 * A stream tells everything behind the place where it began, in order and once; what it cannot tell it says is missing.
 * It keeps nothing for its watcher: one that falls behind what the node remembers is told so, and its stream ends.
 */
import { Context, type Effect, type Stream } from "effect"
import type { WatchEvent, WatchOptions } from "../api/Events.ts"
import type { Overloaded } from "../api/Problems.ts"

export class Events extends Context.Service<Events, {
  /** The stream says at once where it begins, and from time to time how far it is. */
  readonly watch: (options: WatchOptions) => Effect.Effect<Stream.Stream<WatchEvent>, Overloaded>
  /** The node stops: every stream ends, and says why. */
  readonly drain: Effect.Effect<void>
}>()("server/Events") {}
