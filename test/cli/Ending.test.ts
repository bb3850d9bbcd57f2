/**
 * What a command says when it ends, and its exit code.
 */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Exit } from "effect"
import { CliError } from "effect/cli"
import { NoLeader, OutcomeUnknown } from "../../src/api/Problems.ts"
import { ending } from "../../src/cli/Ending.ts"
import { WrongCall } from "../../src/cli/WrongCall.ts"
import { NoNodeAnswers } from "../../src/client/ClientErrors.ts"
import { WrongSettings } from "../../src/node/config/WrongSettings.ts"

const help = (...errors: ReadonlyArray<CliError.NonShowHelpErrors>) =>
  new CliError.ShowHelp({ commandPath: ["holdfast"], errors })

describe("a command that", () => {
  it("is done says nothing more", () => {
    assert.deepStrictEqual(ending(Exit.succeed(1)), { message: null, code: 0 })
  })

  it("could not do it says why, in one message without a trace", () => {
    assert.deepStrictEqual(ending(Exit.fail(WrongSettings.about("the port is taken"))), {
      message: "the port is taken",
      code: 1
    })
  })

  it("was called wrongly has been answered already", () => {
    const wrong = new CliError.UnknownSubcommand({ subcommand: "x", parent: ["holdfast"], suggestions: [] })
    assert.deepStrictEqual(ending(Exit.fail(help(wrong))), { message: null, code: 64 })
    assert.deepStrictEqual(ending(Exit.fail(wrong)), { message: null, code: 64 })
  })

  it("was called wrongly in its surroundings says how", () => {
    assert.deepStrictEqual(ending(Exit.fail(new WrongCall({ message: "no" }))), { message: "no", code: 64 })
  })

  it("finds no cluster tells scripts so", () => {
    const silent = new NoNodeAnswers({ message: "nobody" })
    assert.deepStrictEqual(ending(Exit.fail(silent)), { message: "nobody", code: 69 })
    assert.strictEqual(ending(Exit.fail(new NoLeader({}))).code, 69)
    assert.strictEqual(ending(Exit.fail(new OutcomeUnknown({}))).code, 1)
  })

  it("was asked for help is done", () => {
    assert.deepStrictEqual(ending(Exit.fail(help())), { message: null, code: 0 })
  })

  it("meets a bug shows where", () => {
    const { code, message } = ending(Exit.failCause(Cause.die(new Error("broken invariant: x"))))
    assert.strictEqual(code, 70)
    assert.match(message ?? "", /^this is a bug: Error: broken invariant: x\n +at .*Ending\.test\.ts/)
  })
})
