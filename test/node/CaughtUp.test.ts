/**
 * When a node that follows has caught up, and for how long it may lack something.
 */
import { assert, describe, it } from "@effect/vitest"
import { CaughtUp } from "../../src/node/CaughtUp.ts"
import { LogIndex, Term } from "../../src/raft/Entry.ts"

const [term, next] = [Term.make(3), Term.make(4)]
const at = (index: number) => LogIndex.make(index)

describe("a node that follows", () => {
  it("has not caught up before it has what its leader had when it said so", () => {
    const caughtUp = new CaughtUp()
    caughtUp.applied(at(9))
    assert.isFalse(caughtUp.isSo(term, 0))
    caughtUp.heard(term, at(10), at(9), 0)
    caughtUp.applied(at(9))
    assert.isFalse(caughtUp.isSo(term, 0))
    caughtUp.applied(at(10))
    assert.isTrue(caughtUp.isSo(term, 0))
  })

  it("may lack something for less than a second", () => {
    const caughtUp = new CaughtUp()
    caughtUp.heard(term, at(10), at(10), 0)
    caughtUp.applied(at(10))
    caughtUp.heard(term, at(11), at(10), 5_000)
    caughtUp.heard(term, at(12), at(10), 5_500)
    caughtUp.applied(at(11))
    assert.isTrue(caughtUp.isSo(term, 5_999))
    assert.isFalse(caughtUp.isSo(term, 6_000))
    caughtUp.applied(at(12))
    assert.isTrue(caughtUp.isSo(term, 6_000))
  })

  it("has to hear of each term, and listens to none before", () => {
    const caughtUp = new CaughtUp()
    caughtUp.heard(next, at(10), at(10), 0)
    caughtUp.applied(at(10))
    assert.isFalse(caughtUp.isSo(Term.make(5), 0))
    caughtUp.heard(term, at(99), at(10), 0)
    assert.isTrue(caughtUp.isSo(next, 9_000))
  })
})
