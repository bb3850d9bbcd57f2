/**
 * All that a node answers over client RPC.
 */
import { AdminRpcs } from "./AdminRpcs.ts"
import { ConversationRpcs } from "./Conversation.ts"
import { LookRpcs } from "./LookRpcs.ts"
import { WatchRpcs } from "./WatchRpcs.ts"

export const NodeRpcs = AdminRpcs.merge(LookRpcs, WatchRpcs, ConversationRpcs)
