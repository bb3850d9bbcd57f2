/**
 * A signal that looks first: however it is asked whether it has aborted, no timer need have run.
 */
import { assert, describe, it } from "@effect/vitest"
import { looking } from "../../src/client/engine/LookingSignal.ts"

describe("A signal that looks first", () => {
  const late = () => {
    const controller = new AbortController()
    return looking(controller.signal, () => controller.abort(new Error("late")))
  }

  it("has aborted by the time that it is asked", () => {
    assert.isTrue(late().aborted)
    assert.strictEqual(late().reason.message, "late")
    assert.throws(() => late().throwIfAborted(), "late")
  })

  it("says no while there is nothing to see", () => {
    const signal = looking(new AbortController().signal, () => {})
    assert.isFalse(signal.aborted)
    assert.isUndefined(signal.reason)
    signal.throwIfAborted()
  })
})
