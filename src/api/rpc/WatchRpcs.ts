/**
 * What a watcher asks of a node over client RPC: the same as `GET /v1/events`, with the same events. After a lost
 * connection it goes on behind the last id that it has heard, at this node or another.
 */
import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { WatchEvent } from "../Events.ts"
import { EventId } from "../Fields.ts"
import { Overloaded } from "../Problems.ts"

export class WatchRpcs extends RpcGroup.make(
  Rpc.make("watch", {
    payload: { prefix: Schema.String, after: Schema.optionalKey(EventId) },
    success: WatchEvent,
    error: Overloaded,
    stream: true
  })
) {}
