/**
 * Runs a command for as long as a lock is held: the guardian runs it, each renewal moves the guardian's deadline, and
 * signals are passed on. It ends when nothing of the command is left; only then may the lock be given back.
 *
 * The command is never started once the lock is lost or a signal has asked to end.
 */
import { Effect, Stream } from "effect"
import { ExitWith } from "../ExitWith.ts"
import type { Deadline } from "./Deadline.ts"
import * as Guardian from "./Guardian.ts"
import { codeOf, type Signals } from "./Signals.ts"

/** What is held, and for how long. */
export interface Lease {
  readonly name: string
  readonly token: number
  readonly deadline: Effect.Effect<Deadline>
  /** Every later deadline, as renewals move it. */
  readonly renewals: Stream.Stream<Deadline>
  /** Succeeds when the lock is known to be lost. */
  readonly lost: Effect.Effect<void>
}

/** A command and its arguments. */
export type CommandLine = readonly [string, ...ReadonlyArray<string>]

/** Exit codes of `holdfast run` beside the command's own. */
const exitCodes = { lost: 74, cannotRun: 126, notFound: 127 } as const

/**
 * Succeeds with the exit code of the command, and fails with another where there is none. A signal that asks to end
 * before the command is started is for the caller to hear, who interrupts this.
 */
export const runUnder = Effect.fnUntraced(function*(lease: Lease, commandLine: CommandLine, signals: Signals) {
  const guardian = yield* Guardian.make
  const deadline = yield* lease.deadline
  if (signals.hasAsked()) return yield* Effect.never
  signals.passOn(guardian.signal)
  yield* Effect.addFinalizer(() => Effect.sync(() => signals.passOn(null)))
  const [command, ...args] = commandLine
  const env = { ...process.env, HOLDFAST_LOCK: lease.name, HOLDFAST_TOKEN: String(lease.token) }
  guardian.setDeadline(deadline)
  guardian.start({ command, args, env })
  yield* Effect.forkScoped(
    Stream.runForEach(lease.renewals, (deadline) => Effect.sync(() => guardian.setDeadline(deadline)))
  )
  yield* Effect.forkScoped(Effect.andThen(lease.lost, Effect.sync(guardian.kill)))
  return yield* exitOf(yield* guardian.outcome, command)
}, Effect.scoped)

const exitOf = (outcome: Guardian.Outcome, command: string): Effect.Effect<number, ExitWith> => {
  if (outcome._tag === "CannotRun") return cannotRun(command, outcome.errno)
  if (outcome._tag === "GuardianLost") return lost("the guardian of the command was killed, and so was the command")
  if (outcome.cause !== null) {
    return lost("the lock was lost, and the command was ended before anybody can be granted it")
  }
  return Effect.succeed(outcome.signal === null ? outcome.code ?? 0 : codeOf(outcome.signal))
}

const lost = (message: string) => new ExitWith({ code: exitCodes.lost, message })

const cannotRun = (command: string, errno: string) =>
  errno === "ENOENT"
    ? new ExitWith({ code: exitCodes.notFound, message: `${command}: not found` })
    : new ExitWith({ code: exitCodes.cannotRun, message: `${command}: cannot be run (${errno})` })
