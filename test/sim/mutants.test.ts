/**
 * Proves the simulation: it finds bugs when there are some. Here a few of them; `npm run test:mutants` plants all.
 */
import { assert, describe, it } from "@effect/vitest"
import { mutants } from "../../scripts/mutants/catalogue/all.ts"
import { hunt } from "../../scripts/mutants/hunting.ts"
import { mutatedFile } from "../../scripts/mutants/Mutant.ts"

const some = [
  "a vote is not persisted",
  "a read does not wait for the opening entry"
]

describe("The simulation finds out that", () => {
  it.each(some)("%s", { timeout: 300_000 }, async (name) => {
    const mutant = mutants.find((one) => one.name === name)
    assert.isDefined(mutant)
    assert.isNotNull((await hunt(mutant, 240_000)).found, "no seed shows it")
  })
})

describe("A planted bug", () => {
  it.each(mutants)("can be planted: $name", (mutant) => {
    assert.notStrictEqual(mutatedFile(mutant), "")
  })

  it("must name a text that stands once in its file, so that no mutant is silently the product itself", () => {
    const nowhere = { name: "nowhere", file: "raft/Quorum.ts", from: "not in there", to: "" }
    assert.throws(() => mutatedFile(nowhere), `mutant "nowhere": its text stands 0 times in raft/Quorum.ts`)
  })
})
