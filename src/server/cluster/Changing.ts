/**
 * One change of the replicated state, from a command to its reply, for callers who have a fiber already: it costs a
 * callback, and no fiber more.
 *
 * When the node stops meanwhile, nobody can say the outcome. Interrupting it stops the waiting and not the command.
 */
import { Effect, Option, Tracer } from "effect"
import type { Unavailable } from "../../api/Problems.ts"
import type { RequestId } from "../../lock/Identifiers.ts"
import type { LockReply } from "../../lock/LockReply.ts"
import type { RaftNode, Request } from "../../node/RaftNode.ts"
import { unavailable } from "./Answers.ts"
import { type Draining, stopped, stopping } from "./Draining.ts"

/** Proposes a command, and waits at most `waitMillis` longer than requests ordinarily may take. */
export type Change = (
  commandOf: (request: RequestId) => Request,
  waitMillis?: number
) => Effect.Effect<LockReply, Unavailable>

/** One of a node that traces goes on under the span of its caller. */
export const makeChange = (
  { propose }: Pick<RaftNode["Service"], "propose">,
  draining: Draining,
  isTraced: boolean
): Change => {
  const change = (commandOf: (request: RequestId) => Request, waitMillis: number, parent?: Tracer.AnySpan) =>
    Effect.callback<LockReply, Unavailable>((resume) => {
      if (draining.isDone) return resume(Effect.fail(stopping()))
      let isSettled = false
      const unwatch = draining.watch(() => {
        forget()
        resume(Effect.fail(stopped()))
      })
      const forget = propose(commandOf, waitMillis, (outcome) => {
        isSettled = true
        unwatch()
        resume(
          "failure" in outcome
            ? Effect.fail(unavailable[outcome.failure]())
            : Effect.succeed(outcome.reply as LockReply)
        )
      }, parent)
      if (isSettled) unwatch()
      return Effect.sync(() => {
        unwatch()
        forget()
      })
    })
  return (commandOf, waitMillis = 0) =>
    isTraced
      ? Effect.flatMap(
        Effect.serviceOption(Tracer.ParentSpan),
        (parent) => change(commandOf, waitMillis, Option.getOrUndefined(parent))
      )
      : change(commandOf, waitMillis)
}
