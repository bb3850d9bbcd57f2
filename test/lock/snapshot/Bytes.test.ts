/** Numbers and texts as bytes: each comes back as it was, and what no writer writes is refused. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import zlib from "node:zlib"
import { ByteReader, MalformedSnapshot } from "../../../src/lock/snapshot/ByteReader.ts"
import { ByteWriter } from "../../../src/lock/snapshot/ByteWriter.ts"
import { crc32 } from "../../../src/lock/snapshot/Checksum.ts"

const written = (write: (to: ByteWriter) => void): ByteReader => {
  const writer = new ByteWriter()
  write(writer)
  return new ByteReader(writer.take())
}

const numberBack = (value: number) => written((to) => to.number(value)).number()
const textBack = (text: string) => written((to) => to.text(text)).text()
const lengthOf = (value: number): number => {
  const writer = new ByteWriter()
  writer.number(value)
  return writer.length
}

describe("A number as bytes", () => {
  it("is as short as it can be", () => {
    const lengths = [[0, 1], [239, 1], [240, 2], [255, 2], [256, 3], [65_535, 3], [65_536, 4], [2 ** 24, 5]] as const
    const longer = [[2 ** 32 - 1, 5], [2 ** 32, 6], [2 ** 40, 7], [2 ** 48, 8], [2 ** 53 - 1, 8], [-1, 9]] as const
    for (const [value, length] of [...lengths, ...longer]) assert.strictEqual(lengthOf(value), length, `${value}`)
  })

  it("comes back from each border", () => {
    for (const power of [1, 7, 8, 16, 24, 32, 40, 48, 52]) {
      for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
        assert.deepStrictEqual([numberBack(value), numberBack(-value)], [value, -value])
      }
    }
    for (const value of [0, 239, 240, 241, 0.5, 2 ** 53, Number.MAX_VALUE, Infinity, -Infinity, NaN]) {
      assert.isTrue(Object.is(numberBack(value), value), `${value}`)
    }
  })

  it.prop("comes back", { value: Schema.Finite }, ({ value }) => assert.strictEqual(numberBack(value), value))

  it("is no count when it is negative, broken or beyond what is exact", () => {
    for (const value of [-1, 0.5, NaN, 2 ** 53]) {
      assert.throws(() => written((to) => to.number(value)).count(), MalformedSnapshot)
    }
  })
})

describe("A text as bytes", () => {
  it("comes back, whatever its units are and however many", () => {
    const texts = ["", "a", "\u00ff", "\u0100", "v\u00fc", "\u{1f600}", "\ud800 alone", "\0", "\uffff"]
    for (const text of texts) {
      for (const count of [1, 1_023, 1_024, 1_025, 5_000]) {
        assert.strictEqual(textBack(text.repeat(count)), text.repeat(count))
      }
    }
  })

  it.prop("comes back", { text: Schema.String }, ({ text }) => assert.strictEqual(textBack(text), text))

  it("does not begin before it is all there", () => {
    for (const text of ["abc", "\u0100bc"]) {
      const writer = new ByteWriter()
      writer.text(text)
      const bytes = writer.take()
      assert.throws(() => new ByteReader(bytes.subarray(0, -1)).text(), "a record ends before its time")
    }
  })
})

describe("A checksum", () => {
  const bytes = new TextEncoder().encode("123456789")

  // The check value that every catalogue of CRCs lists for CRC-32/ISO-HDLC.
  it("is CRC-32", () => assert.strictEqual(crc32(bytes), 0xcbf4_3926))

  it("is what others take for it, of every length and wherever the bytes lie", () => {
    const all = Uint8Array.from({ length: 100 }, (_, at) => (at * 167 + 255) & 0xff)
    for (let from = 0; from < 9; from++) {
      for (let to = from; to <= all.length; to++) {
        const some = all.subarray(from, to)
        assert.strictEqual(crc32(some, from), zlib.crc32(some, from))
      }
    }
  })

  it("goes on where that of the bytes before has ended", () => {
    for (let at = 0; at <= bytes.length; at++) {
      assert.strictEqual(crc32(bytes.subarray(at), crc32(bytes.subarray(0, at))), 0xcbf4_3926)
    }
  })
})
