/**
 * A question about a lock, outside of any session: asked again until it is answered, for a bounded time.
 */
import { Effect } from "effect"
import type { Operation, Outcome } from "../../api/rpc/Conversation.ts"
import type { AskError } from "../ClientErrors.ts"
import { isName, wrongName } from "../LockOptions.ts"
import type { Settled } from "./Call.ts"
import type { Engine } from "./Engine.ts"
import { closed, full, unavailable } from "./Refusals.ts"

/** How long what does not wait is tried, before it is `Unavailable`. */
export const answerMillis = 10_000

type Answer<Tag> = Extract<Outcome, { readonly _tag: Tag }>

/** Fails with what a node says, with what the nodes said last, or because none has answered. */
export const ask = <Tag extends Outcome["_tag"]>(
  engine: Engine,
  name: string,
  operation: (id: number) => Operation,
  tag: Tag
): Effect.Effect<Answer<Tag>, AskError> =>
  Effect.callback((resume) => {
    if (!isName(name)) return resume(Effect.fail(wrongName))
    if (engine.isClosed) return resume(Effect.fail(closed()))
    if (engine.isFull) return resume(Effect.fail(full()))
    const settle = (settled: Settled) => {
      if (settled._tag === tag) return resume(Effect.succeed(settled as Answer<Tag>))
      if (engine.isClosed) return resume(Effect.fail(closed()))
      const problem = settled._tag === "Failed" || settled._tag === "TimedOut" ? settled.problem : null
      return resume(Effect.fail((problem ?? unavailable(name, engine.tried)) as AskError))
    }
    const deadline = engine.now + answerMillis
    const call = engine.submit({ session: null, operation, deadline, waits: false, settle })
    return Effect.sync(() => engine.drop(call))
  })
