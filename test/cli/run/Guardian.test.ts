/**
 * The guardian of `holdfast run` with real processes: nothing of a command is left at the deadline, whoever has ended,
 * hangs, or looks away, and what the command ends with is told exactly.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { deadlineAt, now } from "../../../src/cli/run/Deadline.ts"
import * as Guardian from "../../../src/cli/run/Guardian.ts"
import { runUnder } from "../../../src/cli/run/Running.ts"
import type { Signals } from "../../../src/cli/run/Signals.ts"
import { until } from "../../e2e/harness/Until.ts"
import { directory } from "../support/Directory.ts"
import { canLook, marked, newMark, untilMarked } from "../support/Processes.ts"

const { CannotRun, Ended, GuardianLost } = Guardian.Outcome

const aMinute = 60_000
const env = { PATH: process.env["PATH"] }

const shell = (script: string) => ({ command: "/bin/sh", args: ["-c", script], env })

/** With so many milliseconds left from now on, of a lease of that length. */
const started = Effect.fnUntraced(function*(command: Guardian.Command, millisLeft = aMinute, leaseMillis = 0) {
  const guardian = yield* Guardian.make
  guardian.setDeadline(deadlineAt(now(), millisLeft, leaseMillis))
  guardian.start(command)
  return guardian
})

const outcomeOf = (command: Guardian.Command, millisLeft?: number, leaseMillis?: number) =>
  Effect.scoped(Effect.flatMap(started(command, millisLeft, leaseMillis), ({ outcome }) => outcome))

const elapsed = () => {
  const from = performance.now()
  return () => performance.now() - from
}

describe("What a command ends with", { concurrent: true }, () => {
  it.live("is told exactly", () =>
    Effect.gen(function*() {
      const ended = (code: number | null, signal: NodeJS.Signals | null) => Ended({ code, signal, cause: null })
      assert.deepStrictEqual(yield* outcomeOf(shell("exit 0")), ended(0, null))
      assert.deepStrictEqual(yield* outcomeOf(shell("exit 74")), ended(74, null))
      assert.deepStrictEqual(yield* outcomeOf(shell("kill -9 $$")), ended(null, "SIGKILL"))
    }))

  it.live("is why it cannot be run", () =>
    Effect.gen(function*() {
      const outcome = (command: string) => outcomeOf({ command, args: [], env })
      assert.deepStrictEqual(yield* outcome("no-such-command"), CannotRun({ errno: "ENOENT" }))
      assert.deepStrictEqual(yield* outcome("/etc/passwd"), CannotRun({ errno: "EACCES" }))
      assert.deepStrictEqual(yield* outcome("/etc/passwd/a"), CannotRun({ errno: "ENOTDIR" }))
      assert.deepStrictEqual(yield* outcome("a".repeat(5000)), CannotRun({ errno: "ENAMETOOLONG" }))
    }))

  it.live("is nothing where the deadline is over before it starts", () =>
    Effect.gen(function*() {
      const outcome = yield* outcomeOf(shell("exit 3"), -1)
      assert.deepStrictEqual(outcome, Ended({ code: null, signal: null, cause: "deadline" }))
    }))
})

describe.runIf(canLook)("At the deadline", { concurrent: true }, () => {
  it.live("all of the group is killed, and not before: the shell, and what it has started", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const script = `trap '' TERM INT HUP; sleep ${mark} & sleep ${mark} & wait; wait; sleep ${mark}`
      const { outcome, setDeadline } = yield* started(shell(script))
      const all = yield* untilMarked(mark, 3)
      assert.strictEqual(new Set(all.map(({ group }) => group)).size, 1)
      assert.notStrictEqual(all[0]?.group, process.pid)
      const since = elapsed()
      setDeadline(deadlineAt(now(), 500, 500))
      assert.deepStrictEqual(yield* outcome, Ended({ code: null, signal: "SIGKILL", cause: "deadline" }))
      assert.isAtLeast(since(), 499)
      assert.deepStrictEqual(marked(mark), [])
    }))

  it.live("one that has left the group, and not the session, is killed too", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const bash = { command: "bash", args: ["--norc", "-c", `set -m; sleep ${mark} & wait`], env }
      const { outcome, setDeadline } = yield* started(bash)
      const groups = Effect.sync(() => new Set(marked(mark).map(({ group }) => group)))
      yield* until("it is in two groups", Effect.map(groups, ({ size }) => size === 2 ? size : null))
      setDeadline(deadlineAt(now(), 0, 0))
      yield* outcome
      assert.deepStrictEqual(marked(mark), [])
    }))

  it.live("a renewal that has come counts", () =>
    Effect.gen(function*() {
      const { outcome, setDeadline } = yield* started(shell("sleep 0.8"), 500)
      setDeadline(deadlineAt(now(), aMinute, 0))
      const since = elapsed()
      assert.deepStrictEqual(yield* outcome, Ended({ code: 0, signal: null, cause: null }))
      assert.isAtLeast(since(), 700)
    }))

  it.live("a command has had the last fifth of the lease to clean up", () =>
    Effect.gen(function*() {
      const since = elapsed()
      const cleansUp = shell("trap 'sleep 0.1; exit 5' TERM; sleep 60 & wait")
      assert.deepStrictEqual(
        yield* outcomeOf(cleansUp, 3500, 15_000),
        Ended({ code: 5, signal: null, cause: "deadline" })
      )
      assert.isAtLeast(since(), 500)
    }))

  it.live("a command that was told to end, and goes on when a renewal comes, ends with what is its own", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const renewed = join(yield* directory, "renewed")
      const goesOn = `until [ -e '${renewed}' ]; do sleep 0.05; done; exit 3`
      const { outcome, setDeadline } = yield* started(shell(`trap 'echo' TERM; sleep ${mark} & wait; ${goesOn}`))
      yield* untilMarked(mark, 2)
      setDeadline(deadlineAt(now(), 10_000, aMinute))
      // Its sleep has ended by the signal, and it has not.
      yield* untilMarked(mark, 1)
      setDeadline(deadlineAt(now(), aMinute, aMinute))
      writeFileSync(renewed, "")
      assert.deepStrictEqual(yield* outcome, Ended({ code: 3, signal: null, cause: null }))
    }))

  it.live("a command that is stopped is woken to clean up", () =>
    Effect.gen(function*() {
      const cleansUp = shell("trap 'exit 5' TERM; kill -STOP $$; sleep 60")
      assert.include(yield* outcomeOf(cleansUp, 3500, 15_000), { code: 5, cause: "deadline" })
    }))
})

describe.runIf(canLook)("What a command leaves behind", { concurrent: true }, () => {
  it.live("is waited for while it ends by itself", () =>
    Effect.gen(function*() {
      const mark = "0.300" + newMark().replace(".", "")
      const millis = elapsed()
      const outcome = yield* outcomeOf(shell(`sleep ${mark} & exit 3`))
      assert.deepStrictEqual(outcome, Ended({ code: 3, signal: null, cause: null }))
      assert.isAtLeast(millis(), 300)
      assert.deepStrictEqual(marked(mark), [])
    }))

  it.live("is ended, so that nothing outlives the lock", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const outcome = yield* outcomeOf(shell(`(trap '' TERM; sleep ${mark}) & exit 3`))
      assert.deepStrictEqual(outcome, Ended({ code: 3, signal: null, cause: null }))
      assert.deepStrictEqual(marked(mark), [])
    }))
})

describe.runIf(canLook)("The guardian", { concurrent: true }, () => {
  it.live("passes signals on to all of the group", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const { outcome, signal } = yield* started(shell(`trap 'exit 9' USR1; sleep ${mark} & sleep ${mark} & wait`))
      yield* untilMarked(mark, 3)
      signal("SIGUSR1")
      assert.deepStrictEqual(yield* outcome, Ended({ code: 9, signal: null, cause: null }))
      assert.deepStrictEqual(marked(mark), [])
    }))

  it.live("kills when it is told that the lock is lost", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const { kill, outcome } = yield* started(shell(`sleep ${mark} & wait`))
      yield* untilMarked(mark, 2)
      kill()
      assert.deepStrictEqual(yield* outcome, Ended({ code: null, signal: "SIGKILL", cause: "told" }))
      assert.deepStrictEqual(marked(mark), [])
    }))

  it.live("takes the group with it when the scope closes", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const held = yield* Effect.forkChild(Effect.scoped(Effect.flatMap(
        started(shell(`sleep ${mark} & wait`)),
        ({ outcome }) => outcome
      )))
      yield* untilMarked(mark, 2)
      yield* Fiber.interrupt(held)
      assert.deepStrictEqual(marked(mark), [])
    }))

  it.live("is missed when it is killed, and the group goes too", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const { outcome, pid } = yield* started(shell(`sleep ${mark} & wait`))
      yield* untilMarked(mark, 2)
      process.kill(pid, "SIGKILL")
      assert.deepStrictEqual(yield* outcome, GuardianLost())
      yield* untilMarked(mark, 0)
    }))
})

describe.runIf(canLook)("A command", () => {
  it.live("is not started once a signal has asked to end, even while the guardian starts", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const lease = {
        name: "a",
        token: 1,
        deadline: Effect.sync(() => deadlineAt(now(), aMinute, 0)),
        renewals: Stream.never,
        lost: Effect.never
      }
      let hasPassedOn = false
      const asked: Signals = { asksToEnd: Effect.never, hasAsked: () => true, passOn: () => (hasPassedOn = true) }
      const running = yield* Effect.forkChild(runUnder(lease, ["sleep", mark], asked))
      // A guardian takes some 50 ms to start, and its command starts at once.
      yield* Effect.sleep("500 millis")
      assert.deepStrictEqual([marked(mark), hasPassedOn], [[], false])
      yield* Fiber.interrupt(running)
    }))
})

const commandLine = (millis: number, script: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const main = join(import.meta.dirname, "../support/guarded.main.ts")
      return spawn(process.execPath, [main, String(millis), "/bin/sh", "-c", script], { stdio: "ignore" })
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

describe.runIf(canLook)("Who looks away", () => {
  it.live("hears why its command was killed, though the first it does after that is to say something", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const guardian = yield* started(shell(`exec sleep ${mark}`))
      yield* untilMarked(mark, 1)
      guardian.setDeadline(deadlineAt(now(), 300, 0))
      // It does nothing at all meanwhile, like a process that is frozen or gets no processor: so no other way to wait.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)
      guardian.kill()
      guardian.setDeadline(deadlineAt(now(), 60_000, 0))
      assert.deepStrictEqual(yield* guardian.outcome, Ended({ code: null, signal: "SIGKILL", cause: "deadline" }))
    }))
})

describe.runIf(canLook)("A command line", { concurrent: true }, () => {
  it.live("that is killed takes the whole group with it at once", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const child = yield* commandLine(60_000, `trap '' TERM HUP; sleep ${mark} & wait`)
      yield* untilMarked(mark, 3)
      const since = elapsed()
      child.kill("SIGKILL")
      yield* untilMarked(mark, 0)
      assert.isBelow(since(), 10_000)
    }))

  it.live("that is frozen loses the group at the deadline, by the guardian's clock", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const child = yield* commandLine(1500, `trap '' TERM; sleep ${mark} & wait; sleep ${mark}`)
      yield* untilMarked(mark, 3)
      // Renewals have come until now: 1500 ms from the last of them.
      const since = elapsed()
      child.kill("SIGSTOP")
      yield* untilMarked(mark, 1)
      assert.isAtLeast(since(), 1200)
      child.kill("SIGCONT")
      const code = yield* Effect.callback<number | null>((resume) =>
        void child.on("exit", (code) => resume(Effect.succeed(code)))
      )
      assert.strictEqual(code, 74)
    }))
})
