/**
 * Log lines: short for people, JSON for programs, on stderr, and from the level that was asked for.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Console, Effect, Logger, Stdio } from "effect"
import { TestConsole } from "effect/testing"
import { layer } from "../../src/cli/Logging.ts"
import { prettyLogger } from "../../src/cli/PrettyLogger.ts"
import { colored, plain, type Style } from "../../src/cli/Style.ts"

/** What people read of this, after the time. */
const prettyLine = (log: Effect.Effect<void>, style: Style = plain) =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const logger = Logger.map(prettyLogger(style), (line) => lines.push(line))
    yield* Effect.provide(log, Logger.layer([logger]))
    assert.lengthOf(lines, 1)
    return lines[0] ?? ""
  })

describe("a line for people", () => {
  it.effect("is the time, the level, the words and the facts", () =>
    Effect.gen(function*() {
      const line = yield* prettyLine(
        Effect.logWarning("lost a peer", { tries: 2 }).pipe(
          Effect.annotateLogs({ node: "node1", peer: "node2", term: 7 })
        )
      )
      assert.match(line, /^\d\d:\d\d:\d\d\.\d\d\d WARN  lost a peer \{"tries":2\} peer=node2 term=7$/)
    }))

  it.effect("cannot be forged by what others have written", () =>
    Effect.gen(function*() {
      const line = yield* prettyLine(
        Effect.logInfo("peer says: a\nb\u001b[2Jc").pipe(Effect.annotateLogs({ "x\r": "\u202e\u009b\u{1f469}\u200d" }))
      )
      assert.isTrue(
        line.endsWith(String.raw`peer says: a\nb\u001b[2Jc x\u000d=\u202e\u009b` + "\u{1f469}\u200d"),
        JSON.stringify(line)
      )
    }))

  it.effect("is followed by where an unexpected failure came from, set in", () =>
    Effect.gen(function*() {
      const line = yield* prettyLine(Effect.logError("ends", Cause.die(new Error("broken invariant"))))
      assert.match(line, /ERROR ends\n {4}Error: broken invariant\n( {4,}at .+\n?)+$/)
    }))

  it.effect("has colour only where it is wanted", () =>
    Effect.gen(function*() {
      const log = Effect.logInfo("a").pipe(Effect.annotateLogs({ b: 1 }))
      assert.notInclude(yield* prettyLine(log), "\u001b")
      assert.include(yield* prettyLine(log, colored), "\u001b[32mINFO \u001b[39m a \u001b[2mb=1\u001b[22m")
    }))
})

describe("where logs go", () => {
  const stdio = (isTerminal: boolean) => Stdio.layerTest({ stderrIsTerminal: Effect.succeed(isTerminal) })

  const logged = (format: "auto" | "pretty" | "json", isTerminal: boolean, level: "info" | "warn" = "info") =>
    Effect.gen(function*() {
      yield* Effect.logInfo("hello").pipe(
        Effect.annotateLogs({ node: "node1" }),
        Effect.provide(layer({ format, level })),
        Effect.provide(stdio(isTerminal))
      )
      yield* Console.log("asked for")
      assert.deepStrictEqual(yield* TestConsole.logLines, ["asked for"])
      return (yield* TestConsole.errorLines).map(String)
    }).pipe(Effect.provide(TestConsole.layer, { local: true }))

  it.effect("is stderr: JSON for programs, a line for a terminal", () =>
    Effect.gen(function*() {
      const [json] = yield* logged("auto", false)
      assert.deepInclude(JSON.parse(json ?? ""), { message: "hello", level: "INFO", annotations: { node: "node1" } })
      const [pretty] = yield* logged("auto", true)
      assert.match(pretty ?? "", /INFO {2}hello$/)
    }))

  it.effect("looks as it was asked to, terminal or not", () =>
    Effect.gen(function*() {
      assert.match((yield* logged("json", true)).join("\n"), /^\{/)
      assert.match((yield* logged("pretty", false)).join("\n"), /INFO {2}hello$/)
    }))

  it.effect("is nowhere for what is not grave enough", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* logged("json", false, "warn"), [])
    }))
})
