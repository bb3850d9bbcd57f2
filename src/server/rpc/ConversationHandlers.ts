/**
 * The two calls of a conversation, handed to `Conversations` by the connection they came on.
 */
import { Effect } from "effect"
import { ConversationRpcs } from "../../api/rpc/Conversation.ts"
import { Conversations } from "./Conversations.ts"

export const layer = ConversationRpcs.toLayer(Effect.map(Conversations, ({ converse, operate }) =>
  ConversationRpcs.of({
    converse: (_, { client }) => converse(client.id),
    operate: ({ batch }, { client }) => operate(client.id, batch)
  })))
