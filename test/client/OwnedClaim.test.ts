/**
 * What is known of the grants of one owner: one follows the other, so what was given back says enough of all before.
 */
import { assert, describe, it } from "@effect/vitest"
import { OwnedClaim } from "../../src/client/engine/OwnedClaim.ts"

describe("The claim of an owner", () => {
  it("has no grant any more that came before one that was given back, in whichever order that is told", () => {
    const claim = new OwnedClaim(() => {})
    assert.isFalse(claim.hasGivenBack(1))
    for (const token of [7, 5]) {
      claim.releasing(token)
      claim.released()
      assert.deepStrictEqual([5, 6, 7, 8].map((one) => claim.hasGivenBack(one)), [true, true, true, false])
    }
  })
})
