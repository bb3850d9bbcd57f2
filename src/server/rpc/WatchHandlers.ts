/**
 * Watching over client RPC, handed to the service that HTTP uses too. A client that goes away ends its streams.
 */
import { Effect, Stream } from "effect"
import { WatchRpcs } from "../../api/rpc/WatchRpcs.ts"
import { Events } from "../Events.ts"

export const layer = WatchRpcs.toLayer(
  Effect.map(Events, (events) => WatchRpcs.of({ watch: (options) => Stream.unwrap(events.watch(options)) }))
)
