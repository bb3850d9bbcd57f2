/**
 * Completions as a shell makes them: the script that `holdfast --completions` prints, loaded by the shell itself.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync, spawnSync } from "node:child_process"
import { holdfast } from "./support/running.ts"

/** What bash offers at the end of a line, by the function that the script has registered. */
const bashOffers = (script: string, line: string): ReadonlyArray<string> => {
  const words = line.split(" ")
  const program = `
    ${script}
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
    COMP_CWORD=${words.length - 1}
    COMP_LINE='${line}'
    COMP_POINT=${line.length}
    read -r _ _ function _ < <(complete -p holdfast | sed 's/.*-F/x -F/')
    "$function" holdfast "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
    printf '%s\\n' "\${COMPREPLY[@]}"
  `
  return execFileSync("bash", ["--norc", "--noprofile", "-c", program], { encoding: "utf8" }).trim().split("\n")
    .map((offer) => offer.trim())
}

const hasZsh = spawnSync("zsh", ["--version"]).status === 0
const whyNot = hasZsh ? "" : " (left out: there is no zsh on this machine)"

describe("Completions", () => {
  it.effect("are made by bash: of commands, of their subcommands, and of flags", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* holdfast("--completions", "bash")
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(bashOffers(stdout, "holdfast tr"), ["transfer-leader"])
      assert.includeMembers([...bashOffers(stdout, "holdfast ")], ["run", "acquire", "release", "status"])
      assert.deepStrictEqual(bashOffers(stdout, "holdfast members re"), ["remove"])
      assert.deepStrictEqual(bashOffers(stdout, "holdfast run --per"), ["--permits"])
    }))

  it.effect.skipIf(!hasZsh)(`are taken by zsh as the functions they are${whyNot}`, () =>
    Effect.gen(function*() {
      const { stdout } = yield* holdfast("--completions", "zsh")
      const program = `autoload -U compinit && compinit -u -D\n${stdout}\nprint -r -- $_comps[holdfast]`
      const taken = execFileSync("zsh", ["-f", "-c", program], { encoding: "utf8" })
      assert.match(taken, /holdfast/)
    }))
})
