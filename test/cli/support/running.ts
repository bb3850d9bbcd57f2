/**
 * Runs the `holdfast` command in this process, as a shell would see it: what it prints, and its exit code.
 */
import { Effect } from "effect"
import { TestConsole } from "effect/testing"
import { stripVTControlCharacters } from "node:util"
import { run } from "../../../src/cli/commands/Holdfast.ts"
import { ending } from "../../../src/cli/Ending.ts"

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export const holdfast = (...args: ReadonlyArray<string>): Effect.Effect<Ran> =>
  Effect.gen(function*() {
    const { code, message } = ending(yield* Effect.exit(run(args)))
    const said = yield* TestConsole.errorLines
    return {
      code,
      stdout: textOf(yield* TestConsole.logLines),
      stderr: textOf(message === null ? said : [...said, message])
    }
  }).pipe(Effect.provide(TestConsole.layer, { local: true }))

const textOf = (lines: ReadonlyArray<unknown>): string => stripVTControlCharacters(lines.join("\n"))
