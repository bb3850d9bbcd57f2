/**
 * The log as a value: matching, conflict and order, and that no version of it ever changes although all
 * versions share one buffer.
 */
import { assert, describe, it } from "@effect/vitest"
import { type Entry, LogIndex, Term } from "../../src/raft/Entry.ts"
import * as RaftLog from "../../src/raft/RaftLog.ts"
import { Rng } from "../../src/sim/Rng.ts"
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

  it("starts where a snapshot has taken over, and knows that place though the entry is gone (§7)", () => {
    const log = RaftLog.compact(logOf(1, 1, 2, 2), at(2))
    assert.deepStrictEqual(contentOf(log).map(({ index }) => Number(index)), [3, 4])
    assert.deepStrictEqual([1, 2, 3, 4, 5].map((index) => RaftLog.termAt(log, at(index))), [
      undefined,
      Term.make(1),
      Term.make(2),
      Term.make(2),
      undefined
    ])
    assert.strictEqual(RaftLog.entryAt(log, at(2)), undefined)
    assert.strictEqual(RaftLog.entryAt(log, at(4))?.index, 4)
    assert.strictEqual(RaftLog.compact(log, at(2)), log)
  })

  it("may be all compacted, and goes on behind its start", () => {
    const log = RaftLog.compact(RaftLog.fromEntries([{ ...entriesOf([3])[0]!, time: 70 }]), at(1))
    assert.deepStrictEqual([log.lastIndex, RaftLog.lastTerm(log), RaftLog.lastTime(log)].map(Number), [1, 3, 70])
    assert.throws(() => RaftLog.append(log, entriesOf([3], {}, 2)), /log order: entry 2/)
    assert.throws(() => RaftLog.append(log, entriesOf([3], {}, 3)), /log gap: entry 3 where 2 belongs/)
    const later = RaftLog.append(log, [{ ...entriesOf([3], {}, 2)[0]!, time: 70 }])
    assert.strictEqual(RaftLog.entryAt(later, at(2))?.index, 2)
  })

  it("matches what was compacted: it is committed, so every leader has it (§5.4.3)", () => {
    const log = RaftLog.compact(logOf(1, 1, 2, 2), at(3))
    assert.deepStrictEqual(
      [[1, 9], [3, 2], [3, 1], [4, 2], [5, 2]].map(([index, term]) =>
        RaftLog.matches(log, at(index!), Term.make(term!))
      ),
      [true, true, false, true, false]
    )
    assert.strictEqual(RaftLog.firstNew(log, entriesOf([1, 2, 2, 2], {}, 2)), 3)
  })

  it("does not search where it knows nothing any more", () => {
    const log = RaftLog.compact(logOf(1, 2, 2, 4), at(2))
    const search = (index: number, term: number) => RaftLog.lastIndexWithTermAtMost(log, at(index), Term.make(term))
    assert.deepStrictEqual([search(4, 3), search(4, 2), search(4, 1), search(2, 2), search(1, 2)], [
      at(3),
      at(3),
      undefined,
      at(2),
      undefined
    ])
  })

  it("finds how much of it fits in a number of bytes", () => {
    const log = RaftLog.compact(logOf(1, 1, 1, 1, 1), at(1))
    const least = (bytes: number) => Number(RaftLog.leastWithin(log, at(4), bytes))
    assert.deepStrictEqual([0, 65, 66, 131, 132, 1000].map(least), [4, 4, 3, 3, 2, 1])
  })

  it("never changes: every version keeps what it held, whatever is done to any other (seeded)", () => {
    const rng = new Rng(2)
    const versions: Array<Version> = [{ log: RaftLog.empty(), start: 0, held: [] }]
    for (let round = 0; round < 2000; round++) {
      versions.push(changed(rng.chance(0.7) ? versions.at(-1)! : rng.pick(versions), rng, round))
    }
    for (const { held, log } of versions) assert.deepStrictEqual(contentOf(log), held)
  })
})

interface Version {
  readonly log: RaftLog.RaftLog
  readonly start: number
  readonly held: ReadonlyArray<Entry>
}

const changed = ({ held, log, start }: Version, rng: Rng, round: number): Version => {
  const cut = rng.between(0, held.length)
  if (rng.chance(0.2)) return { log: RaftLog.truncateAfter(log, at(start + cut)), start, held: held.slice(0, cut) }
  if (rng.chance(0.1)) return { log: RaftLog.compact(log, at(start + cut)), start: start + cut, held: held.slice(cut) }
  const entries = Array.from({ length: rng.between(0, 3) }, (_, offset): Entry => ({
    index: at(start + held.length + 1 + offset),
    term: Term.make(1),
    time: 0,
    payload: { _tag: "Command", bytes: Uint8Array.of(round >> 8, round, offset) }
  }))
  return { log: RaftLog.append(log, entries), start, held: [...held, ...entries] }
}
