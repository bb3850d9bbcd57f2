/**
 * The log as a value: matching, conflict and order, and that no version of it ever changes although all
 * versions share one buffer.
 */
import { assert, describe, it } from "@effect/vitest"
import { type Entry, LogIndex, Term } from "../../src/raft/Entry.ts"
import * as RaftLog from "../../src/raft/RaftLog.ts"
import { Rng } from "./sim/Rng.ts"
import { entriesOf } from "./support/build.ts"

const at = (index: number) => LogIndex.make(index)
const logOf = (...terms: ReadonlyArray<number>) => RaftLog.fromEntries(entriesOf(terms))
const contentOf = (log: RaftLog.RaftLog) => RaftLog.slice(log, at(1), log.lastIndex)

describe("RaftLog", () => {
  it("knows its entries by index, and stands on term 0 at index 0", () => {
    const log = logOf(1, 1, 3)
    assert.deepStrictEqual([0, 1, 3, 4].map((index) => RaftLog.termAt(log, at(index))), [
      Term.make(0),
      Term.make(1),
      Term.make(3),
      undefined
    ])
    assert.strictEqual(RaftLog.lastTerm(log), 3)
    assert.strictEqual(RaftLog.lastTerm(RaftLog.empty()), 0)
    assert.strictEqual(RaftLog.entryAt(log, at(4)), undefined)
  })

  it("tells the time of its last entry, which is the latest", () => {
    const [first, second] = entriesOf([1, 1])
    assert.strictEqual(RaftLog.lastTime(RaftLog.empty()), 0)
    assert.strictEqual(RaftLog.lastTime(RaftLog.fromEntries([first!, { ...second!, time: 70 }])), 70)
  })

  it("refuses a gap, a term that falls and a time that falls", () => {
    const [first, second, third] = entriesOf([1, 1, 1])
    assert.throws(() => RaftLog.fromEntries([first!, third!]), /log gap: entry 3 where 2 belongs/)
    assert.throws(() => RaftLog.append(logOf(2), [second!]), /log order: entry 2/)
    assert.throws(() => RaftLog.fromEntries([{ ...first!, time: 9 }, second!]), /log order: entry 2/)
  })

  it("hides what was cut, and takes other entries in its place", () => {
    const cut = RaftLog.truncateAfter(logOf(1, 1, 1), at(1))
    assert.strictEqual(RaftLog.entryAt(cut, at(2)), undefined)
    assert.deepStrictEqual(contentOf(RaftLog.append(cut, entriesOf([2, 2], {}, 2))).map(({ term }) => Number(term)), [
      1,
      2,
      2
    ])
    assert.strictEqual(RaftLog.truncateAfter(cut, at(5)), cut)
  })

  it("finds the first entry that is new: what precedes it matches (figure 2, AppendEntries, step 3)", () => {
    const log = logOf(1, 1, 2)
    assert.strictEqual(RaftLog.firstNew(log, entriesOf([1, 2], {}, 2)), 2)
    assert.strictEqual(RaftLog.firstNew(log, entriesOf([1, 3], {}, 2)), 1)
    assert.strictEqual(RaftLog.firstNew(log, entriesOf([2, 2, 2], {}, 3)), 1)
  })

  it("slices as many entries as fit, and at least one", () => {
    const log = logOf(1, 1, 1, 1)
    const lengths = [1, 66, 131, 132, 1000].map((bytes) => RaftLog.sliceBytes(log, at(2), bytes).length)
    assert.deepStrictEqual(lengths, [1, 1, 1, 2, 3])
    assert.deepStrictEqual(RaftLog.sliceBytes(log, at(5), 1000), [])
  })

  it("finds the last index at or below another whose term is no later (§5.3, end), as a plain search would", () => {
    const rng = new Rng(1)
    for (let round = 0; round < 500; round++) {
      let term = 1
      const log = logOf(...Array.from({ length: rng.between(0, 12) }, () => term += rng.between(0, 2)))
      const [index, wanted] = [rng.between(0, 14), rng.between(0, 14)]
      let expected = Math.min(index, log.lastIndex)
      while (expected > 0 && RaftLog.termAt(log, at(expected))! > wanted) expected--
      assert.strictEqual(RaftLog.lastIndexWithTermAtMost(log, at(index), Term.make(wanted)), expected)
    }
  })

  it("never changes: every version keeps what it held, whatever is done to any other (seeded)", () => {
    const rng = new Rng(2)
    const versions: Array<{ readonly log: RaftLog.RaftLog; readonly held: ReadonlyArray<Entry> }> = [
      { log: RaftLog.empty(), held: [] }
    ]
    for (let round = 0; round < 2000; round++) {
      const { held, log } = rng.chance(0.7) ? versions.at(-1)! : rng.pick(versions)
      const cut = rng.between(0, held.length)
      const next = rng.chance(0.2)
        ? { log: RaftLog.truncateAfter(log, at(cut)), held: held.slice(0, cut) }
        : appended(log, held, rng.between(0, 3), round)
      versions.push(next)
    }
    for (const { held, log } of versions) assert.deepStrictEqual(contentOf(log), held)
  })
})

const appended = (log: RaftLog.RaftLog, held: ReadonlyArray<Entry>, count: number, round: number) => {
  const entries = Array.from({ length: count }, (_, offset): Entry => ({
    index: at(held.length + 1 + offset),
    term: Term.make(1),
    time: 0,
    payload: { _tag: "Command", bytes: Uint8Array.of(round >> 8, round, offset) }
  }))
  return { log: RaftLog.append(log, entries), held: [...held, ...entries] }
}
