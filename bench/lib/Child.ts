/**
 * A Node process of a measurement that is asked over its channel and answers one thing at a time. It ends with the
 * scope.
 */
import { Effect } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"

export interface Child {
  readonly pid: number
  /** Sends what is asked and waits for the answer, which has to be what the caller says it is. */
  readonly ask: <Answer>(what: object) => Effect.Effect<Answer>
}

/** Waits for its first word, which says that it is ready. */
export const make = Effect.fnUntraced(function*(
  module: URL,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => fork(fileURLToPath(module), args, { env: { ...process.env, ...env } })),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  )
  yield* answerOf(child)
  return {
    pid: child.pid ?? 0,
    ask: <Answer>(what: object) =>
      Effect.suspend(() => {
        child.send(what)
        return answerOf(child)
      }) as Effect.Effect<Answer>
  } satisfies Child as Child
})

const answerOf = (child: ChildProcess): Effect.Effect<unknown> =>
  Effect.callback((resume) => {
    const answered = (answer: unknown) => {
      child.off("exit", ended)
      resume(Effect.succeed(answer))
    }
    const ended = () => resume(Effect.die(new Error("a process of the measurement has ended by itself")))
    child.once("message", answered)
    child.once("exit", ended)
  })
