/**
 * What watchers of locks are told, without what a connection says of itself.
 */
import type { WatchEvent } from "../api/Events.ts"

/**
 * What became of a lock; a `gap` says that some events before it cannot be told.
 *
 * @example
 * ```ts
 * import { Effect, Fiber, Stream } from "effect"
 * import { LockClient, type LockEvent } from "holdfast"
 *
 * const show = ({ event, id }: LockEvent): string => `${id} ${event}`
 *
 * const program = Effect.gen(function*() {
 *   const locks = yield* LockClient
 *   const told = yield* Effect.forkChild(
 *     locks.watch("report").pipe(Stream.take(1), Stream.runForEach((event) => Effect.log(show(event))))
 *   )
 *   yield* locks.withLock("report")(Effect.sleep("100 millis"))
 *   yield* Fiber.interrupt(told)
 * })
 *
 * await Effect.runPromise(program.pipe(Effect.provide(LockClient.layerRpc({ nodes: ["127.0.0.1:7081"] }))))
 * ```
 */
export type LockEvent = Exclude<WatchEvent, { readonly event: "at" | "cut-off" }>

export const isOfLocks = (event: WatchEvent): event is LockEvent => event.event !== "at" && event.event !== "cut-off"
