/** The bytes of a snapshot: that they stay what they are, are whole, and say what a state can be. */
import { assert, describe, it } from "@effect/vitest"
import { makeLockTable, restoreLockTable } from "../../../src/lock/LockTable.ts"
import { MalformedSnapshot } from "../../../src/lock/snapshot/ByteReader.ts"
import { crc32 } from "../../../src/lock/snapshot/Checksum.ts"
import { acquire, open, release } from "../support/commands.ts"
import { bytesOf, piecesOf, restored } from "../support/snapshots.ts"
import * as version1 from "./goldenVersion1.ts"
import * as golden from "./goldenVersion2.ts"

const goldenTable = () => {
  const table = makeLockTable()
  for (const [time, note, ...commands] of golden.entries) table.apply(time, commands, note)
  return table
}

const tableOfVersion1 = () => {
  const table = makeLockTable()
  for (const [time, ...commands] of version1.entries) table.apply(time, commands)
  return table
}

const piecesOfLength = (bytes: Uint8Array, length: number): Array<Uint8Array> =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) => bytes.subarray(i * length, (i + 1) * length))

/** Why these bytes are no snapshot; undefined if they are one. */
const faultOf = (...pieces: ReadonlyArray<Uint8Array>): string | undefined => {
  try {
    restored(pieces)
    return undefined
  } catch (error) {
    if (!(error instanceof MalformedSnapshot)) throw error
    return error.message.replace("the snapshot of the lock state cannot be read: ", "")
  }
}

const withByte = (bytes: Uint8Array, at: number, value: number): Buffer => {
  const changed = Buffer.from(bytes)
  changed[at] = value
  return changed
}

describe("The snapshot format, version 1,", () => {
  it("is read as ever, wherever it is cut", () => {
    const digest = tableOfVersion1().digest()
    for (const length of [1, 2, 7, 100, version1.bytes.length]) {
      assert.strictEqual(restored(piecesOfLength(version1.bytes, length)).digest(), digest)
    }
  })
})

describe("The snapshot format, version 2,", () => {
  it("is written as ever", () => {
    assert.strictEqual(bytesOf(goldenTable()).toString("hex"), golden.bytes.toString("hex"))
  })

  it("lends its pieces, and takes no memory for each", () => {
    const reader = goldenTable().snapshot(1)
    const memories = new Set<ArrayBufferLike>()
    let count = 0
    for (let piece = reader.next(); piece !== null; piece = reader.next()) {
      memories.add(piece.buffer)
      count++
    }
    assert.isAbove(count, 10)
    assert.strictEqual(memories.size, 1)
  })

  it("is read as ever, wherever it is cut", () => {
    const digest = goldenTable().digest()
    for (const length of [1, 2, 7, 100, golden.bytes.length]) {
      assert.strictEqual(restored(piecesOfLength(golden.bytes, length)).digest(), digest)
    }
  })

  it("has a few bytes for an empty table", () => {
    const bytes = bytesOf(makeLockTable())
    assert.strictEqual(bytes.length, 22)
    assert.strictEqual(restored([bytes]).digest(), makeLockTable().digest())
  })

  it("comes in pieces of at most 256 KiB, however much one record has", () => {
    const table = makeLockTable()
    const lock = "\u0416".repeat(512)
    const acquires = Array.from({ length: 2_000 }, (_, seq) => acquire(`a${seq}`, "ann", { lock, mode: "shared", seq }))
    table.apply(1, [open("ann", 60_000), acquire("a", "ann", { lock, owner: "o" }), ...acquires])
    const pieces = piecesOf(table.snapshot())
    assert.isAbove(pieces.length, 5)
    for (const piece of pieces) assert.isAtMost(piece.length, 262_144)
    assert.strictEqual(restored(pieces).digest(), table.digest())
  })
})

describe("What is no snapshot is refused:", () => {
  it("another format", () => {
    assert.strictEqual(
      faultOf(withByte(golden.bytes, 4, 3)),
      "snapshot format 3 is unknown to this release, which knows 1 to 2"
    )
    assert.strictEqual(faultOf(Buffer.from("SQLite format 3")), "it does not begin like a snapshot of the lock state")
  })

  it("one that is cut, anywhere", () => {
    for (let length = 0; length < golden.bytes.length; length++) {
      assert.strictEqual(faultOf(golden.bytes.subarray(0, length)), "its end is missing")
    }
  })

  it("one that goes on behind its end", () => {
    assert.strictEqual(faultOf(golden.bytes, new Uint8Array(1)), "its end is missing")
    const block = golden.bytes.subarray(5)
    assert.strictEqual(faultOf(golden.bytes, block), "its checksum is wrong")
  })

  it("one with a flipped bit, anywhere", () => {
    for (let at = 0; at < golden.bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        assert.isDefined(faultOf(withByte(golden.bytes, at, golden.bytes[at]! ^ (1 << bit))), `${at}.${bit}`)
      }
    }
  })

  it("one with a block that is lost, twice there, or out of its turn", () => {
    const blocks = piecesOf(goldenTable().snapshot(1))
    assert.isAbove(blocks.length, 10)
    for (let at = 1; at < blocks.length; at++) {
      const wrong = "its checksum is wrong"
      assert.strictEqual(faultOf(...blocks.toSpliced(at, 1)), at === blocks.length - 1 ? "its end is missing" : wrong)
      assert.strictEqual(faultOf(...blocks.toSpliced(at, 0, blocks[at]!)), wrong)
      if (at > 1) assert.strictEqual(faultOf(...blocks.toSpliced(at - 1, 2, blocks[at]!, blocks[at - 1]!)), wrong)
    }
  })

  it("whatever follows a piece that could not be read", () => {
    const restoring = restoreLockTable()
    assert.throws(() => restoring.add(withByte(golden.bytes, 20, 0)), "its checksum is wrong")
    assert.throws(() => restoring.add(golden.bytes), "an earlier piece of it could not be read")
    assert.throws(() => restoring.finish(), "a piece of it could not be read")
  })

  // The checksum is right in each of these, as if a writer had been wrong.
  it("one that no state can have, by its name and without harm", () => {
    const faults = new Set<string | undefined>()
    for (const bytes of [version1.bytes, golden.bytes, bytesOf(twins())]) {
      for (let at = 9; at < bytes.length - 4; at++) {
        for (const value of [0, 0xff, bytes[at]! ^ 3, bytes[at]! ^ 4]) {
          faults.add(faultOf(sealed(withByte(bytes, at, value)))?.replace(/-?\d\S*/g, "N"))
        }
      }
    }
    for (const fault of impossible) assert.include([...faults], fault)
  })
})

/** With the checksum that its only block should have. */
const sealed = (bytes: Buffer): Buffer => {
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  return bytes
}

/** Of each record two that differ in the two lowest bits of one character. */
const twins = () => {
  const table = makeLockTable()
  const claims = ["a", "b"].map((lock) => acquire(lock, "a", { lock }))
  const owners = ["a", "b"].map((owner) => acquire(owner, "a", { lock: "d", owner, permits: 2 }))
  const past = ["h", "k"].flatMap((lock, at) => [acquire(lock, "a", { lock }), release(lock, "a", 5 + at, { lock })])
  const note = { wallMillis: 1_800_000_000_000, historyMax: 10 }
  table.apply(1, [open("a", 60_000), open("b", 60_000), ...claims, ...owners, ...past], note)
  return table
}

const impossible = [
  "a claim of no phase",
  "a claim of no session",
  "a claim on no lock",
  "a grant behind a waiter",
  "a grant that ended for no reason",
  "a history of nothing",
  "a lock-delay without an end",
  "a number of N bytes",
  "a record ends before its time",
  "a record of kind N",
  "a record that is younger than the snapshot",
  "a token of N",
  "an outcome of nothing",
  "it goes on behind its end",
  "more grants than the lock has",
  "N locks that nobody holds or waits for",
  "N records of N",
  "N where a count should be",
  "no release",
  "the same claim twice",
  "the same history twice",
  "the same lock twice",
  "the same session twice"
]

describe("One snapshot is taken at a time", () => {
  it("until it is read or let go of", () => {
    const table = goldenTable()
    const reader = table.snapshot()
    assert.throws(() => table.snapshot(), "OneSnapshotAtATime")
    reader.end()
    assert.strictEqual(piecesOf(table.snapshot()).length, 1)
    // Whoever is late in letting go does not end the next one.
    const next = table.snapshot()
    reader.end()
    assert.throws(() => table.snapshot(), "OneSnapshotAtATime")
    next.end()
    assert.isTrue(bytesOf(table).equals(golden.bytes))
  })
})
