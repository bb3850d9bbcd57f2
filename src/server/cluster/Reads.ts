/**
 * Looking at locks and sessions: linearizable through the leader, or stale from this node's own state.
 */
import { Effect } from "effect"
import type { Consistency } from "../../api/Fields.ts"
import type { LockPage, LockView } from "../../api/Locks.ts"
import type { Unreadable } from "../../api/Problems.ts"
import type { SessionPage } from "../../api/Sessions.ts"
import type { LockAnswer, LockQuery } from "../../lock/LockQuery.ts"
import type { RaftNode } from "../../node/RaftNode.ts"
import { holderOf, orUnreadable } from "./Answers.ts"
import { explanationOf, historyOf } from "./Insights.ts"

type Node = RaftNode["Service"]
type QueryOf<Tag> = Extract<LockQuery, { readonly _tag: Tag }>
type AnswerOf<Tag> = Extract<LockAnswer, { readonly _tag: Tag }>

// The answer to a query has the query's own tag.
const ask = <Tag extends LockQuery["_tag"]>(node: Node, query: QueryOf<Tag>, consistency: Consistency) =>
  (consistency === "stale" ? node.queryStale(query) : orUnreadable(node.query(query))) as Effect.Effect<
    AnswerOf<Tag>,
    Unreadable
  >

export const lock = (node: Node, query: QueryOf<"Lock">, consistency: Consistency) =>
  Effect.map(ask<"Lock">(node, query, consistency), ({ view }) => viewOf(view))

export const locks = (node: Node, query: QueryOf<"Locks">, consistency: Consistency) =>
  Effect.map(ask<"Locks">(node, query, consistency), ({ cursor, locks }): LockPage => ({
    locks: locks.map(viewOf),
    cursor
  }))

export const sessions = (node: Node, query: QueryOf<"Sessions">, consistency: Consistency) =>
  Effect.map(ask<"Sessions">(node, query, consistency), ({ cursor, sessions }): SessionPage => ({
    sessions: sessions.map(({ expiresInMillis, holds, label, ttlMillis, waits }) => ({
      label,
      ttlMs: ttlMillis,
      expiresInMs: expiresInMillis,
      holds,
      waits
    })),
    cursor
  }))

export const explained = (node: Node, query: QueryOf<"Explain">, consistency: Consistency) =>
  Effect.map(ask<"Explain">(node, query, consistency), ({ explained }) => explanationOf(explained))

export const history = (node: Node, query: QueryOf<"History">, consistency: Consistency) =>
  Effect.map(ask<"History">(node, query, consistency), ({ history }) => historyOf(query.lock, history))

/** Whether a token is a present holder's is never answered from an old state. */
export const valid = (node: Node, query: QueryOf<"Check">) =>
  Effect.map(ask<"Check">(node, query, "linearizable"), ({ valid }) => valid)

const viewOf = ({ holders, lockDelayLeftMillis, ...view }: AnswerOf<"Lock">["view"]): LockView => ({
  ...view,
  holders: holders.map(holderOf),
  lockDelayLeftMs: lockDelayLeftMillis
})
