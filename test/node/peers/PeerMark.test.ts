/**
 * A store that has gone back is known by what it says of itself; one that has only stood still is not accused.
 */
import { assert, describe, it } from "@effect/vitest"
import { whyGoneBack } from "../../../src/node/peers/PeerMark.ts"
import { LogIndex } from "../../../src/raft/Entry.ts"

const index = (n: number) => LogIndex.make(n)
const mark = { boots: 3, matchIndex: index(20) }

describe("A store that was opened 3 times and has acknowledged entry 20", () => {
  it.each([
    ["says the same again", 3, 20],
    ["was opened again", 4, 20],
    ["has more entries", 3, 21],
    ["does not tell, as older releases do not", 0, 0]
  ])("is believed when it %s", (_, boots, lastIndex) => {
    assert.isUndefined(whyGoneBack(mark, { boots, lastIndex: index(lastIndex) }))
  })

  it.each([
    ["was opened twice", 2, 20, "it has been opened 2 times, and was at 3 before"],
    ["has lost an entry", 4, 19, "its log ends with entry 19, and it has acknowledged entry 20"]
  ])("has gone back when it %s", (_, boots, lastIndex, why) => {
    assert.strictEqual(whyGoneBack(mark, { boots, lastIndex: index(lastIndex) }), why)
  })
})
