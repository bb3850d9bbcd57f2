/**
 * The bytes between nodes: preamble and frames survive any cutting into pieces, and nothing that
 * comes from outside is taken for a frame unless it is one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { crc32 } from "node:zlib"
import { PeerMessage } from "../../../src/node/peers/PeerMessage.ts"
import { Hello, Refusal } from "../../../src/node/Transport.ts"
import type { EndReason } from "../../../src/node/transport/ConnectionEnded.ts"
import { bodyBytesMax, Frame, frameHeaderBytes, smallBodyBytesMax } from "../../../src/node/transport/Frame.ts"
import { type Inflow, makeInflow } from "../../../src/node/transport/Inflow.ts"
import { agree, encodePreamble, type Versions } from "../../../src/node/transport/Preamble.ts"
import { bytesOf, newest } from "./Bytes.ts"

const vote = PeerMessage.cases.Raft.make({
  message: { _tag: "Vote", term: 3, preVote: false, granted: true } as never
})
const votes = Frame.Messages({ messages: [vote] })

/** All frames of some bytes that come in pieces, and why it ended, if it did. */
const readAll = (pieces: Iterable<Uint8Array>, inflow: Inflow = makeInflow(), longest = bodyBytesMax) => {
  const frames: Array<Frame> = []
  for (const piece of pieces) {
    inflow.push(piece)
    while (true) {
      const head = inflow.frame(longest, newest)
      if (Result.isFailure(head)) return { frames, end: head.failure.reason }
      if (head.success === null) break
      frames.push(head.success)
    }
  }
  return { frames, end: null }
}

const framesOf = (pieces: Iterable<Uint8Array>) => {
  const { end, frames } = readAll(pieces)
  assert.isNull(end)
  return frames
}

/** A frame as a liar writes it. The checksum is right, so that what is wrong is the rest. */
const forge = (kind: number, body: Uint8Array, length = body.length): Uint8Array => {
  const bytes = new Uint8Array(frameHeaderBytes + body.length)
  const view = new DataView(bytes.buffer)
  bytes[8] = kind
  bytes.set(body, frameHeaderBytes)
  view.setUint32(0, length)
  view.setUint32(4, crc32(bytes.subarray(8)))
  return bytes
}

const AnyFrame = Schema.Union([
  Schema.TaggedStruct("Hello", { hello: Hello }),
  Schema.TaggedStruct("Refusal", { refusal: Refusal }),
  Schema.TaggedStruct("Ready", {}),
  Schema.TaggedStruct("KeepAlive", {}),
  Schema.TaggedStruct("Messages", { messages: Schema.Array(PeerMessage) })
])

// UTF-8 has no half of a surrogate pair; JSON shows one as an escape.
const isWritable = (frame: typeof AnyFrame.Type): boolean => !/\\ud[89a-f]/.test(JSON.stringify(frame))

describe("a frame", () => {
  it.prop("is read as it was written, whatever it says", { frame: AnyFrame }, ({ frame }) => {
    if (isWritable(frame)) assert.deepStrictEqual(framesOf([bytesOf(frame)]), [frame])
  })

  it("is read the same, wherever it is split", () => {
    const bytes = bytesOf(votes)
    for (let at = 0; at <= bytes.length; at++) {
      assert.deepStrictEqual(framesOf([bytes.subarray(0, at), bytes.subarray(at)]), [votes])
    }
  })

  it.prop(
    "is read the same among others, however they are cut",
    { frames: Schema.Array(AnyFrame), sizes: Schema.Array(Schema.Int) },
    ({ frames: all, sizes }) => {
      const frames = all.filter(isWritable)
      const bytes = Buffer.concat(frames.map(bytesOf))
      const pieces: Array<Uint8Array> = []
      for (let at = 0, n = 0; at < bytes.length; n++) {
        const size = 1 + Math.abs(sizes[n % sizes.length] ?? 0) % 97
        pieces.push(bytes.subarray(at, at += size))
      }
      assert.deepStrictEqual(framesOf(pieces), frames)
    }
  )

  it("does not change when the memory that it was read from is used again", () => {
    const command = new Uint8Array([1, 2, 3, 4])
    const frame = Frame.Messages({ messages: [PeerMessage.cases.Propose.make({ request: "r", command })] })
    const bytes = Uint8Array.from(bytesOf(frame))
    const [read] = framesOf([bytes])
    bytes.fill(0xff)
    assert.deepStrictEqual(read, frame)
  })

  it("that is damaged in any one bit is garbled, too long or not whole, and never another frame", () => {
    const bytes = bytesOf(votes)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Uint8Array.from(bytes)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      const { end, frames } = readAll([damaged])
      assert.deepStrictEqual(frames, [], `bit ${bit}`)
      // A longer length is waited for.
      assert.oneOf(end, bit < 32 ? ["garbled", "too-long", null] : ["garbled"], `bit ${bit}`)
    }
  })
})

describe("what is no frame", () => {
  const cases: ReadonlyArray<readonly [string, Uint8Array, EndReason]> = [
    ["a length of 4 GiB", forge(5, new Uint8Array(0), 0xffff_ffff), "too-long"],
    ["a body one byte too long", forge(5, new Uint8Array(0), bodyBytesMax + 1), "too-long"],
    ["a kind that nobody knows", forge(6, new Uint8Array(0)), "unknown-kind"],
    ["kind 0", forge(0, new Uint8Array(0)), "unknown-kind"],
    ["a hello of noise", forge(1, new Uint8Array([0x20, 1, 2, 3])), "garbled"],
    ["messages of noise", forge(5, new Uint8Array(40).fill(0xee)), "garbled"],
    ["messages of nothing", forge(5, new Uint8Array(0)), "garbled"],
    ["a keep-alive with luggage", forge(4, new Uint8Array(1)), "garbled"],
    ["a ready with luggage", forge(3, new Uint8Array(1)), "garbled"],
    ["a hello in place of messages", forge(5, bytesOf(Frame.Ready())), "garbled"]
  ]

  it.each(cases)("%s", (_, bytes, reason) => {
    assert.deepStrictEqual(readAll([bytes]), { frames: [], end: reason })
  })

  it("does not take with it what came before", () => {
    const { end, frames } = readAll([Buffer.concat([bytesOf(votes), forge(9, new Uint8Array(0))])])
    assert.deepStrictEqual({ frames, end }, { frames: [votes], end: "unknown-kind" })
  })

  it("is refused by the limit of whoever reads: a stranger gets no more than a hello takes", () => {
    const length = forge(1, new Uint8Array(0), smallBodyBytesMax + 1)
    assert.strictEqual(readAll([length], makeInflow(), smallBodyBytesMax).end, "too-long")
    assert.isNull(readAll([length]).end)
  })

  it.prop(
    "random bytes end in an error or in waiting, and in nothing else",
    { bytes: Schema.Uint8Array },
    ({ bytes }) => {
      const { end, frames } = readAll([bytes])
      assert.deepStrictEqual(frames, [])
      assert.oneOf(end, ["too-long", "garbled", "unknown-kind", null])
    },
    { arbitrary: { runs: 500 } }
  )

  it.prop(
    "random bodies under a right checksum end in an error, or are a frame that can be written",
    { kind: Schema.Int, body: Schema.Uint8Array },
    ({ body, kind }) => {
      const { end, frames } = readAll([forge(1 + Math.abs(kind) % 5, body)])
      assert.oneOf(end, ["garbled", null])
      for (const frame of frames) assert.isAbove(bytesOf(frame).length, 0)
    }
  )

  it("real messages with random damage under a right checksum never do more than fail", () => {
    const entries = Array.from({ length: 20 }, (_, n) => ({
      index: n + 1,
      term: 1,
      time: n,
      payload: { _tag: "Command", bytes: new Uint8Array(n) }
    }))
    const append = {
      _tag: "AppendEntries",
      term: 1,
      prevLogIndex: 0,
      prevLogTerm: 0,
      entries,
      leaderCommit: 0,
      round: 0
    }
    const messages = [vote, PeerMessage.cases.Raft.make({ message: append as never })]
    const body = bytesOf(Frame.Messages({ messages })).subarray(frameHeaderBytes)
    for (let at = 0; at < body.length; at++) {
      for (const value of [0, 0x7f, 0xff]) {
        const damaged = Uint8Array.from(body)
        damaged[at] = value
        assert.oneOf(readAll([forge(5, damaged)]).end, ["garbled", null], `byte ${at} = ${value}`)
      }
    }
  })
})

describe("what is held of a frame that has not come whole", () => {
  it("is in proportion to what has come, not to what was announced", () => {
    const before = process.memoryUsage().arrayBuffers
    const inflows = Array.from({ length: 200 }, () => {
      const inflow = makeInflow()
      const beginning = forge(5, new Uint8Array(100), bodyBytesMax)
      readAll([beginning.subarray(0, 50), beginning.subarray(50)], inflow)
      return inflow
    })
    assert.isBelow(process.memoryUsage().arrayBuffers - before, bodyBytesMax)
    assert.isFalse(inflows.some((inflow) => inflow.isEmpty()))
  })

  it("is put together in time in proportion to its length, though it comes byte by byte", () => {
    const messages = [PeerMessage.cases.Propose.make({ request: "r", command: new Uint8Array(512 * 1024) })]
    const bytes = bytesOf(Frame.Messages({ messages }))
    const inflow = makeInflow()
    const { frames } = readAll(
      function*() {
        for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1)
      }(),
      inflow
    )
    assert.lengthOf(frames, 1)
    assert.isTrue(inflow.isEmpty())
  })
})

describe("the preamble", () => {
  const preamble = (versions: Versions) => {
    const inflow = makeInflow()
    inflow.push(encodePreamble(versions))
    return inflow.preamble()
  }

  it("has a layout that will never change", () => {
    const hex = Buffer.from(encodePreamble({ oldest: 1, newest: 258 })).toString("hex")
    assert.strictEqual(hex, "484f4c444641535400010102")
  })

  it.prop("is read as it was written", { a: Schema.Int, b: Schema.Int }, ({ a, b }) => {
    const [oldest = 0, newest = 0] = [Math.abs(a) % 65536, Math.abs(b) % 65536].toSorted((x, y) => x - y)
    assert.deepStrictEqual(preamble({ oldest, newest }), Result.succeed({ oldest, newest }))
  })

  it("is not one when the range is empty", () => {
    assert.isTrue(Result.isFailure(preamble({ oldest: 3, newest: 2 })))
  })

  it("is waited for byte by byte, and left as soon as it cannot be one", () => {
    const bytes = encodePreamble({ oldest: 1, newest: 1 })
    const inflow = makeInflow()
    for (const byte of bytes.subarray(0, -1)) {
      inflow.push(Uint8Array.of(byte))
      assert.deepStrictEqual(inflow.preamble(), Result.succeed(null))
    }
    inflow.push(bytes.subarray(-1))
    assert.deepStrictEqual(inflow.preamble(), Result.succeed({ oldest: 1, newest: 1 }))
    const other = makeInflow()
    other.push(new TextEncoder().encode("G"))
    const head = other.preamble()
    assert.strictEqual(Result.isFailure(head) && head.failure.reason, "not-holdfast")
  })

  it("lets two releases agree on the newest version that both speak", () => {
    assert.strictEqual(agree({ oldest: 1, newest: 3 }, { oldest: 2, newest: 5 }), 3)
    assert.strictEqual(agree({ oldest: 2, newest: 5 }, { oldest: 1, newest: 2 }), 2)
    assert.isNull(agree({ oldest: 1, newest: 1 }, { oldest: 2, newest: 2 }))
  })
})
