/**
 * What a script is told of an operation that did not go through: words that are true of every one of them.
 */
import { assert, describe, it } from "@effect/vitest"
import {
  NoLeader,
  NotHolder,
  OutcomeUnknown,
  Overloaded,
  RequestStale,
  SessionExpired
} from "../../src/api/Problems.ts"
import { failureOf } from "../../src/cli/Scripting.ts"

const told = (error: unknown) => {
  const failure = failureOf("a", error)
  return ["code" in failure ? failure.code : null, failure.message]
}

describe("a script whose operation did not go through", () => {
  it("is told that nothing was done, or that it may have been", () => {
    assert.deepStrictEqual(told(new NoLeader({})), [69, "the cluster has no leader. Nothing was done"])
    assert.deepStrictEqual(told(new Overloaded({})), [75, "the cluster has too much to do. Nothing was done"])
    const unknown = "no node could say what became of it; it may have been done"
    assert.deepStrictEqual(told(new OutcomeUnknown({})), [69, unknown])
    assert.deepStrictEqual(told(new Error("connection refused")), [69, unknown])
  })

  it("is told what is not held", () => {
    assert.deepStrictEqual(told(new NotHolder({})), [74, "\"a\" is not held so: nothing was released"])
    assert.deepStrictEqual(told(new SessionExpired({})), [74, "the session is gone, and with it all that it held"])
    assert.strictEqual(told(new RequestStale({}))[0], 1)
  })
})
