/**
 * `holdfast run`: runs a command while holding a lock. Whatever happens to the lock, to the nodes or to this process,
 * the command is over before anybody else can be granted the lock. See `../run/` for how.
 */
import { Effect, Option, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Lock } from "../../client/Lock.ts"
import { LockClient } from "../../client/LockClient.ts"
import { warn } from "../Asking.ts"
import { ExitWith } from "../ExitWith.ts"
import { nameArgument, permitsFlag, sharedFlag, waitFlag } from "../LockFlags.ts"
import { processLabelFlag, refusalOf, withClient } from "../Locking.ts"
import { nodesFlag } from "../Nodes.ts"
import * as Deadline from "../run/Deadline.ts"
import { type CommandLine, type Lease, runUnder } from "../run/Running.ts"
import { codeOf, make as makeSignals } from "../run/Signals.ts"
import { spanFlag } from "../Spans.ts"

const flags = {
  nodes: nodesFlag,
  name: nameArgument,
  ttl: spanFlag("ttl").pipe(
    Flag.withDescription("How long the lock outlives this process if it dies (default 15s)"),
    Flag.withDefault(15_000)
  ),
  wait: waitFlag,
  shared: sharedFlag,
  permits: permitsFlag,
  label: processLabelFlag,
  command: Argument.String("command").pipe(
    Argument.withDescription("What to run, after --, with its arguments; no shell comes in between"),
    Argument.variadic({ min: 1 })
  )
}

type Given = Command.Command.Config.Infer<typeof flags>

export const run = Command.make("run", flags, (given) =>
  Effect.gen(function*() {
    const signals = yield* makeSignals
    const asked = Effect.flatMap(signals.asksToEnd, (signal) => new ExitWith({ code: codeOf(signal), message: "" }))
    const held = Effect.flatMap(acquire(given), (lock) => runUnder(leaseOf(lock, given.ttl), commandOf(given), signals))
    // Once the command runs, signals are its own, and nobody asks this process to end.
    const code = yield* Effect.raceFirst(withClient(given.nodes, given.label, Effect.scoped(held)), asked)
    if (code !== 0) return yield* new ExitWith({ code, message: "" })
  }).pipe(Effect.scoped)).pipe(
    Command.withDescription("Run a command while holding a lock"),
    Command.withExamples([
      { command: "holdfast run nightly-report -- ./report.sh", description: "One at a time, the others wait" },
      { command: "holdfast run cron --wait 0 -- ./job.sh", description: "One at all: exit code 75 if it runs already" }
    ])
  )

const acquire = ({ name, permits, shared, ttl, wait }: Given) =>
  Effect.gen(function*() {
    const client = yield* LockClient
    // The only holder of its session has nobody to be told apart from.
    const options = { ttl, permits, mode: shared ? "shared" : "exclusive", owner: "" } as const
    const isNow = Option.contains(wait, 0)
    const acquired = isNow
      ? client.tryAcquire(name, options)
      : client.acquire(name, { ...options, wait: Option.getOrUndefined(wait) })
    const lock = yield* Effect.raceFirst(acquired, sayThatItWaits(name)).pipe(Effect.mapError(refusalOf(name)))
    return { lock, token: yield* lock.token }
  })

/** For whoever looks at a terminal where nothing happens. */
const sayThatItWaits = (name: string) =>
  process.stderr.isTTY
    ? Effect.andThen(Effect.delay(warn(`waiting for ${JSON.stringify(name)}`), "1 second"), Effect.never)
    : Effect.never

/** The client counts with nine tenths of the TTL; with each of these steps the guardian hears of renewals. */
const leaseOf = ({ lock, token }: { readonly lock: Lock; readonly token: number }, ttlMillis: number): Lease => {
  const deadline = Effect.suspend(() => {
    const from = Deadline.now()
    return Effect.map(lock.leftMillis, (left) => Deadline.deadlineAt(from, left, ttlMillis))
  })
  return {
    name: lock.name,
    token,
    deadline,
    renewals: Stream.tick(Math.max(ttlMillis / 20, 50)).pipe(Stream.mapEffect(() => deadline)),
    lost: Effect.ignore(lock.lost)
  }
}

const commandOf = ({ command: [command = "", ...args] }: Given): CommandLine => [command, ...args]
