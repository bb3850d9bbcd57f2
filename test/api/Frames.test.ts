/**
 * Frames of a conversation come out as they went in, however they were cut on their way.
 */
import { assert, describe, it } from "@effect/vitest"
import { empty, framed, Frames } from "../../src/api/rpc/Frames.ts"

const bodies = [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(300).fill(7), Uint8Array.of(9)]

const stream = Buffer.concat(bodies.map(framed))

/** What comes out when the stream comes in pieces of this length. */
const cut = (length: number) => {
  const frames = new Frames({ bytesMax: 300 })
  const out: Array<Uint8Array> = []
  for (let at = 0; at < stream.length; at += length) {
    for (const body of frames.push(stream.subarray(at, at + length))) out.push(body.slice())
  }
  return out
}

describe("Frames of a conversation", () => {
  it.each([1, 2, 3, 4, 5, 7, 64, 303, 304, 305, 1000])("come out of pieces of %i bytes", (length) => {
    assert.deepStrictEqual(cut(length), bodies)
  })

  it("are empty where nothing is said", () => {
    assert.deepStrictEqual(new Frames({ bytesMax: 0 }).push(empty), [new Uint8Array(0)])
  })

  it("are refused for their length before they have come", () => {
    const frames = new Frames({ bytesMax: 300 })
    assert.deepStrictEqual(frames.push(Uint8Array.of(0, 0, 1, 44)), [])
    const longer = new Frames({ bytesMax: 300 })
    assert.throws(() => longer.push(Uint8Array.of(0, 0, 1, 45)), /too long/)
  })
})
