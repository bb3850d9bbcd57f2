/**
 * How a command ends: with one line on stderr for whatever went wrong and an exit code that scripts can
 * tell apart. A stack trace is shown only for a bug.
 *
 * 0 done; 1 could not do it, or could not go on; 64 called wrongly; 69 no cluster there; 70 a bug.
 */
import { Cause, Exit, Option, Predicate, Runtime } from "effect"
import { CliError } from "effect/cli"
import { ExitWith } from "./ExitWith.ts"

const failed = 1
const usage = 64
const unavailable = 69
const bug = 70

/** What to say, if it has not been said, and the exit code. */
export const ending = <A, E>(exit: Exit.Exit<A, E>): { readonly message: string | null; readonly code: number } => {
  if (Exit.isSuccess(exit)) return { message: null, code: 0 }
  const error = Option.getOrNull(Cause.findErrorOption(exit.cause))
  if (error === null) return { message: `this is a bug: ${Cause.pretty(exit.cause)}`, code: bug }
  // The call is answered by the presenter; help that was asked for is no error.
  if (CliError.isCliError(error)) {
    const isAskedFor = error._tag === "ShowHelp" && error.errors.length === 0
    return { message: null, code: isAskedFor ? 0 : usage }
  }
  if (error instanceof ExitWith) return { message: error.message === "" ? null : error.message, code: error.code }
  return { message: error instanceof Error ? error.message : String(error), code: codeOf(error) }
}

const codeOf = (error: unknown): number =>
  Predicate.hasProperty(error, "_tag") ? codes[String(error._tag)] ?? failed : failed

/** By the tags of errors that call for another answer of a script than to give up. */
const codes: Readonly<Record<string, number>> = {
  WrongCall: usage,
  InvalidRequest: usage,
  NoNodeAnswers: unavailable,
  NoLeader: unavailable,
  Unavailable: unavailable
}

const teardown: Runtime.Teardown = (exit, onExit) => {
  const { code, message } = ending(exit)
  if (message !== null) process.stderr.write(`holdfast: ${message}\n`)
  onExit(code)
}

/** Runs a command as the process. Signals are the business of the commands that outlive their call. */
export const runMain = Runtime.makeRunMain(({ fiber, teardown: end }) => {
  // Whoever reads the output may go away; that is no reason for a node to end.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})
  fiber.addObserver((exit) => end(exit, process.exit))
})({ disableErrorReporting: true, teardown })
