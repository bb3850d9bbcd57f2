/**
 * A command line that runs a command under a lease of its own making, as `holdfast run` does under one of a cluster,
 * for a test to kill or to freeze: `guarded.main.ts MILLIS COMMAND…`. Once the command runs it says so on stdout.
 */
import { Effect, Stream } from "effect"
import { runMain } from "../../../src/cli/Ending.ts"
import { ExitWith } from "../../../src/cli/ExitWith.ts"
import { deadlineAt, now } from "../../../src/cli/run/Deadline.ts"
import { runUnder } from "../../../src/cli/run/Running.ts"
import * as Signals from "../../../src/cli/run/Signals.ts"

const [millis = "", command = "", ...args] = process.argv.slice(2)

const lease = {
  name: "a lock",
  token: 7,
  deadline: Effect.sync(() => deadlineAt(now(), Number(millis), Number(millis))),
  // As a client that renews all the time that it is awake.
  renewals: Stream.tick(100).pipe(Stream.map(() => deadlineAt(now(), Number(millis), Number(millis)))),
  lost: Effect.never
}

runMain(
  Effect.scoped(Effect.flatMap(Signals.make, (signals) => runUnder(lease, [command, ...args], signals))).pipe(
    Effect.flatMap((code) => new ExitWith({ code, message: "" }))
  )
)
