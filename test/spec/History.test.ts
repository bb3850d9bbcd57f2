/**
 * The checker of recorded histories: it accepts what a sound service can answer, rejects what none can, and says which
 * few operations cannot all be true.
 */
import { assert, describe, it } from "@effect/vitest"
import { execFileSync, spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { check } from "../../src/spec/history/Check.ts"
import { disbelieved } from "../../src/spec/history/Core.ts"
import { type Operation, parseHistory } from "../../src/spec/history/Operation.ts"
import { hasOrder } from "./support/EveryOrder.ts"
import { recorded } from "./support/Recorded.ts"
import { scribbled } from "./support/Scribbled.ts"

const root = join(import.meta.dirname, "../..")
const folder = join(import.meta.dirname, "history")
const examples = (kind: string) => readdirSync(join(folder, kind)).map((file) => join(kind, file))
const read = (file: string) => parseHistory(readFileSync(join(folder, file), "utf8"))

describe("the checker accepts", () => {
  it.each(examples("good"))("%s", (file) => {
    assert.deepStrictEqual(check(read(file)).faults, [])
  })

  it.each([1, 2, 3, 4])("what clients of the specification record, seed %i", (seed) => {
    const history = recorded({ seed, operations: 2_000, clients: 8, locks: 2, lost: seed % 2 === 0 ? 0.02 : 0 })
    const { faults, grants, undecided } = check(history)
    assert.deepStrictEqual(faults, [])
    assert.deepStrictEqual(undecided, [])
    assert.isAbove(grants, 200)
    for (const result of ["ok", "held", "not_holder", "fail"]) {
      assert.isAbove(history.filter((one) => one.result === result).length, 5, result)
    }
  })
})

describe("the checker rejects", () => {
  it.each(examples("bad"))("%s", (file) => {
    const { faults } = check(read(file))
    assert.isAbove(faults.length, 0)
    for (const { operations } of faults) assert.isAtMost(operations.length, 3)
  })

  const history = recorded({ seed: 5, operations: 2_000, clients: 8, locks: 2, lost: 0.01 })
  const held = history.filter(({ end, op, result, token }) =>
    op === "acquire" && result === "ok" &&
    history.some((one) => one.op === "release" && one.result === "ok" && one.token === token && one.start > end + 10)
  )
  const planted: ReadonlyArray<readonly [string, (grant: Operation) => Operation]> = [
    ["a second grant", (grant) => ({ ...grant, owner: "other", token: grant.token! + 0.5 })],
    ["a read that shows it free", (grant) => ({ ...grant, op: "get", token: null })],
    ["a read of another holder", (grant) => ({ ...grant, op: "get", token: grant.token! - 1 })],
    ["a renewal that is refused", (grant) => ({ ...grant, op: "renew", result: "not_holder" })],
    ["a release by another that is accepted", (grant) => ({ ...grant, op: "release", owner: "other" })]
  ]

  it.each(planted)("%s in the middle of 2,000 operations, and names it", (_, plant) => {
    const grant = held[Math.floor(held.length / 2)]!
    const bad = plant({ ...grant, client: "planted", start: grant.end + 1, end: grant.end + 2 })
    const { faults } = check([...history, bad])
    assert.deepStrictEqual(faults.filter(({ rule }) => rule === "no order").map(({ lock }) => lock), [grant.name])
    for (const { operations } of faults) {
      assert.include(operations, bad)
      assert.isAtMost(operations.length, 3)
    }
  })
})

describe("the checker and the trial of every order", () => {
  it("agree on short histories made up at random", () => {
    const seeds = Array.from({ length: 2_000 }, (_, seed) => seed)
    const withOrder = seeds.filter((seed) => {
      const history = scribbled(seed)
      const { faults } = check(history)
      const fault = faults.find(({ rule }) => rule === "no order")
      assert.strictEqual(fault === undefined, hasOrder(history), `seed ${seed}`)
      if (fault === undefined) return true
      // What is told to a reader has no order, whatever became of the rest.
      const told = history.flatMap((one) => fault.operations.includes(one) ? one : disbelieved(one))
      assert.isFalse(hasOrder(told), `seed ${seed}`)
      return false
    })
    assert.isAbove(withOrder.length, 600)
    assert.isBelow(withOrder.length, 1_400)
  })
})

describe("a history is refused", () => {
  const line = { client: "c", op: "acquire", name: "a", owner: "o", token: 1, result: "ok", start: 1, end: 2 }
  it.each([
    ["not JSON", "{", /^line 1: /],
    ["no object", "7", /^line 1: is not an object/],
    ["an unknown op", { ...line, op: "steal" }, /^line 1: op is "steal", not acquire, release, renew or get$/],
    [
      "an unknown result",
      { ...line, result: "yes" },
      /^line 1: result of acquire is "yes", not ok, held, fail, unknown$/
    ],
    ["a result that its op cannot have", { ...line, op: "get", result: "held" }, /^line 1: result of get is "held"/],
    ["no start", { ...line, start: undefined }, /^line 1: start is missing, not a number from 0$/],
    ["an end before its start", { ...line, end: 0 }, /^line 1: end 0 is before start 1$/],
    ["a grant without a token", { ...line, token: null }, /^line 1: a grant has a token$/],
    ["a lease that is none", { ...line, leaseMs: "long" }, /^line 1: leaseMs is "long", not a number from 0$/]
  ])("with %s", (_, bad, message) => {
    assert.throws(() => parseHistory(typeof bad === "string" ? bad : JSON.stringify(bad)), message)
  })

  it("with the number of its line", () => {
    assert.throws(() => parseHistory(`${JSON.stringify(line)}\n\n{"op":"get"}\n`), /^line 3: /)
  })
})

describe("npm run check:history", () => {
  const main = join(root, "scripts/history/main.ts")
  it("says why it says no, and ends with 1", () => {
    const file = join(folder, "bad/a-lost-wake-up.jsonl")
    const { status, stdout } = spawnSync(process.execPath, [main, file], { encoding: "utf8" })
    assert.strictEqual(status, 1)
    assert.match(stdout, /\n +1\. .* acquire by o2, waiting 500 ms: held\n +2\. .* release by o1: ok with token 1\n/)
    assert.match(stdout, /\n +After 2 nothing can come next: it is free, and the last token was 1\.\n/)
  })

  it("says yes, and ends with 0", () => {
    const file = join(folder, "good/from-hand-to-hand.jsonl")
    const stdout = execFileSync(process.execPath, [main, file], { encoding: "utf8" })
    assert.match(stdout, /: 4 operations on 1 locks: 2 grants, 0 of unknown outcome\nlinearizable\n$/)
  })

  it("takes a lease for lines that have none", () => {
    const history = [
      { client: "c", op: "acquire", name: "a", owner: "o", token: 1, result: "ok", start: 0, end: 1 },
      { client: "d", op: "acquire", name: "a", owner: "p", token: 2, result: "ok", start: 2e9, end: 2e9 + 1 }
    ] as const
    assert.strictEqual(check(history).faults.length, 1)
    assert.deepStrictEqual(check(history, { leaseMs: 1_000 }).faults, [])
  })
})
