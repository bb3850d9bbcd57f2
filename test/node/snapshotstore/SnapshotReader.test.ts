/**
 * The bytes of a snapshot, saved to a file, are whole, or refused with what is wrong.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { createHash } from "node:crypto"
import { chmodSync, readFileSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { crc32 } from "node:zlib"
import { readHeader, readPieces } from "../../../src/node/snapshotstore/Reader.ts"
import * as RealDisk from "../../../src/node/snapshotstore/RealDisk.ts"
import { version } from "../../../src/node/Version.ts"
import { flip } from "../logstore/Damage.ts"
import { tempDir } from "../logstore/Directory.ts"
import { openFiles } from "./FileGround.ts"
import { largePieces, snapshotAt, writeAt } from "./Snapshots.ts"

const save = Effect.fnUntraced(function*() {
  const [store, path] = [yield* openFiles(yield* tempDir), join(yield* tempDir, "backup")]
  const stored = yield* writeAt(store, 7, largePieces)
  writeFileSync(path, yield* store.read(stored, 0, stored.bytes))
  return { path, stored }
})

const open = Effect.fnUntraced(function*(path: string) {
  const file = yield* Effect.acquireRelease(RealDisk.openToRead(path), ({ close }) => close)
  return { ...file, advice: "Look elsewhere" }
})

const load = (path: string) =>
  Effect.scoped(Effect.flatMap(open(path), (source) => Stream.runCollect(readPieces(source))))

describe("A snapshot's file, wherever it lies", () => {
  it.effect("tells what it is of, and gives its pieces, also when it cannot be written", () =>
    Effect.gen(function*() {
      const { path, stored } = yield* save()
      chmodSync(path, 0o400)
      const { header } = yield* readHeader(yield* open(path))
      assert.deepStrictEqual(header, { snapshot: snapshotAt(7), release: version })
      const whole = readFileSync(path)
      assert.strictEqual(whole.length, stored.bytes)
      assert.strictEqual(createHash("sha256").update(whole).digest("hex"), stored.checksum)
      const pieces = yield* load(path)
      assert.isTrue(Buffer.concat(pieces).equals(Buffer.concat(largePieces)))
      assert.strictEqual(pieces.length, largePieces.length)
    }))

  it.effect.each(
    [
      ["is empty", (path: string) => truncateSync(path, 0), "it ends with byte 0, where more must come"],
      ["is cut", (path: string) => truncateSync(path, 1_000_000), "it ends with byte 1000000, where more must come"],
      [
        "has lost its end",
        (path: string) => truncateSync(path, readFileSync(path).length - 36),
        "where more must come"
      ],
      ["has more", (path: string) => writeFileSync(path, "x", { flag: "a" }), "something follows its end at byte"],
      [
        "is something else",
        (path: string) => writeFileSync(path, "Dear diary, ".repeat(9)),
        "is not a snapshot of this"
      ],
      ["has a wrong bit", (path: string) => flip(path, 500_000), "has checksum"],
      [
        "has a wrong length",
        (path: string) => flip(path, headerOf(path), 0x80),
        "it claims a piece of 2147745792 bytes"
      ],
      ["has two pieces in each other's places", swapPieces, "its content does not have the SHA-256 that it says"],
      ["has a wrong header", (path: string) => flip(path, 20), "its header does not have the checksum that it says"]
    ] as const
  )("that %s is refused", ([, damage, message]) =>
    Effect.gen(function*() {
      const { path } = yield* save()
      damage(path)
      const error = yield* Effect.flip(load(path))
      assert.strictEqual(error.reason, "corrupt")
      assert.include(error.message, message)
      assert.include(error.message, "Look elsewhere")
      assert.include(error.message, path)
    }))

  it.effect("of a newer format is left to the release that knows it", () =>
    Effect.gen(function*() {
      const { path } = yield* save()
      const [bytes, end] = [readFileSync(path), headerOf(path) - 4]
      bytes.writeUInt32BE(2, 8)
      bytes.writeUInt32BE(crc32(bytes.subarray(0, end)), end)
      writeFileSync(path, bytes)
      const error = yield* Effect.flip(load(path))
      assert.strictEqual(error.reason, "unsupported-version")
      assert.include(error.message, "it has format 2, and this release knows format 1. Use that release")
    }))

  it.effect("that is not there is named", () =>
    Effect.gen(function*() {
      const path = join(yield* tempDir, "nowhere")
      const error = yield* Effect.flip(load(path))
      assert.strictEqual(error.reason, "not-writable")
      assert.include(error.message, path)
    }))
})

/** Each with its own checksum, which is right. */
function swapPieces(path: string): void {
  const [bytes, at, length] = [readFileSync(path), headerOf(path), 8 + 262_144]
  const first = Buffer.from(bytes.subarray(at, at + length))
  bytes.copy(bytes, at, at + length, at + 2 * length)
  first.copy(bytes, at + length)
  writeFileSync(path, bytes)
}

/** Where the header ends and the first piece begins. */
function headerOf(path: string): number {
  return 16 + readFileSync(path).readUInt32BE(12) + 4
}
