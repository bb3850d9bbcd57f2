/**
 * All that a node answers over client RPC, besides conversations.
 */
import { AdminRpcs } from "./AdminRpcs.ts"
import { LookRpcs } from "./LookRpcs.ts"
import { WatchRpcs } from "./WatchRpcs.ts"

export const NodeRpcs = AdminRpcs.merge(LookRpcs, WatchRpcs)
