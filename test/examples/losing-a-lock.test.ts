/**
 * The example of a program that is tested against the loss of its lock: the careless one is found out.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { runExample } from "./running.ts"

describe("The example of a lock that is lost", () => {
  it.live("shows what is written without the lock, and that one who looks writes nothing", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* runExample("losing-a-lock.ts", {})
      assert.strictEqual(code, 0, stderr)
      assert.match(stdout, /careless: \d+ runs, \d+ of them to the end\n {2}parts written without the lock: [1-9]/)
      assert.match(stdout, /careful: \d+ runs, \d+ of them to the end\n {2}parts written without the lock: 0\n/)
    }))
})
