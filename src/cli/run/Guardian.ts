/**
 * The command line's end of the guardian: a process of its own (`bin/guardian.js`) that runs the command and kills it,
 * with all of its group, at the latest deadline that it has been told, or when this end of the pipe closes.
 *
 * Whatever happens to the process that runs this, the command does not outlive the deadline.
 */
import { Data, Deferred, Effect, Schema } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { Duplex } from "node:stream"
import { fileURLToPath } from "node:url"
import type { Deadline } from "./Deadline.ts"

/** What became of the command. */
export type Outcome = Data.TaggedEnum<{
  /** `cause` says why it was killed or told to end before its time; null if it was not. */
  Ended: { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly cause: string | null }
  CannotRun: { readonly errno: string }
  /** The guardian has ended without a word. The command has been killed from here, as far as that goes. */
  GuardianLost: {}
}>
export const Outcome = Data.taggedEnum<Outcome>()

export interface Command {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Guardian {
  readonly setDeadline: (deadline: Deadline) => void
  readonly start: (command: Command) => void
  /** Passes a signal on to all of the command's group. */
  readonly signal: (signal: NodeJS.Signals) => void
  /** The lock is lost: kills all of the group at once. */
  readonly kill: () => void
  readonly outcome: Effect.Effect<Outcome>
  /** Of the guardian itself. */
  readonly pid: number
}

const path = fileURLToPath(new URL("../../../bin/guardian.js", import.meta.url))

/** Starts it, and succeeds when it is ready to start the command. With the scope, it ends with all that it guards. */
export const make = Effect.gen(function*() {
  const ready = yield* Deferred.make<void>()
  const outcome = yield* Deferred.make<Outcome>()
  const { pipe, process: guardian } = yield* Effect.acquireRelease(
    Effect.sync(launch),
    ({ pipe }) => Effect.andThen(Effect.sync(() => pipe.end()), Deferred.await(outcome))
  )
  let group = 0
  const settle = (how: Outcome) => Deferred.doneUnsafe(outcome, Effect.succeed(how))
  listen(pipe, (news) => {
    if (news.ready === true) Deferred.doneUnsafe(ready, Effect.void)
    if (news.started !== undefined) group = news.started
    if (news.ended !== undefined) settle(Outcome.Ended(news.ended))
    if (news.cannot !== undefined) settle(Outcome.CannotRun({ errno: news.cannot }))
  })
  guardian.once("close", () => {
    if (settle(Outcome.GuardianLost())) killGroup(group)
  })
  const tell = (order: object) => void pipe.write(`${JSON.stringify(order)}\n`)
  yield* Effect.raceFirst(Deferred.await(ready), Deferred.await(outcome))
  return {
    setDeadline: (deadline) => tell({ deadline }),
    start: (command) => tell({ start: command }),
    signal: (signal) => tell({ signal }),
    kill: () => tell({ kill: true }),
    outcome: Deferred.await(outcome),
    pid: guardian.pid ?? 0
  } satisfies Guardian as Guardian
})

interface Launched {
  readonly process: ChildProcess
  readonly pipe: Duplex
}

/**
 * In a session of its own, so that no signal of the terminal or to our group reaches it, and without our environment,
 * whose NODE_OPTIONS are not meant for it.
 */
const launch = (): Launched => {
  const guardian = spawn(process.execPath, [path], {
    detached: true,
    env: {},
    stdio: ["inherit", "inherit", "inherit", "pipe"]
  })
  // Not to be spawned is to end: `close` tells.
  guardian.on("error", () => {})
  const pipe = guardian.stdio[3]
  if (!(pipe instanceof Duplex)) throw new Error("the guardian has no pipe")
  // A guardian that has gone is heard of by its end.
  pipe.on("error", () => {})
  return { process: guardian, pipe }
}

const News = Schema.Struct({
  ready: Schema.optionalKey(Schema.Literal(true)),
  started: Schema.optionalKey(Schema.Int),
  cannot: Schema.optionalKey(Schema.String),
  ended: Schema.optionalKey(Schema.Struct({
    code: Schema.NullOr(Schema.Int),
    signal: Schema.NullOr(Schema.String.pipe(Schema.refine((name): name is NodeJS.Signals => name.startsWith("SIG")))),
    cause: Schema.NullOr(Schema.String)
  }))
})
const decodeNews = Schema.decodeUnknownSync(Schema.fromJsonString(News))

const listen = (pipe: Duplex, hear: (news: typeof News.Type) => void) => {
  let unread = ""
  pipe.setEncoding("utf8").on("data", (text: string) => {
    const lines = (unread + text).split("\n")
    unread = lines.pop() ?? ""
    for (const line of lines) hear(decodeNews(line))
  })
}

const killGroup = (group: number): void => {
  if (group === 0) return
  try {
    process.kill(-group, "SIGKILL")
  } catch {
    // It has ended.
  }
}
