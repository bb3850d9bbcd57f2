/**
 * The versions of the protocol: the first one is what it was, byte for byte, and a node of today leaves
 * out what an older one does not know, and says so once.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue, Result, Schema } from "effect"
import type { PeerMessage } from "../../../src/node/peers/PeerMessage.ts"
import { decodeFrame, encodeFrame, Frame, frameHeaderBytes } from "../../../src/node/transport/Frame.ts"
import { ourVersions, versionOf } from "../../../src/node/transport/Protocol.ts"
import { bodyCodec } from "../../../src/node/transport/versions/Version.ts"
import { version1 } from "../../../src/node/transport/versions/Version1.ts"
import * as V1 from "../../../src/node/transport/versions/Version1Schemas.ts"
import { installSnapshot, membershipOf, snapshotOf } from "../../raft/support/build.ts"
import * as golden from "./goldenVersion1.ts"
import { makeLogs } from "./Logs.ts"
import { memoryGroundOf, pass } from "./MemoryGround.ts"
import { helloOf, numbered } from "./Node.ts"
import { n1, n2, tags } from "./Stage.ts"

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

describe("version 1", () => {
  it.each([
    ...golden.hellos.map(([name, value, frame]) => [name, V1.Hello, value, frame] as const),
    ...golden.refusals.map(([name, value, frame]) => [name, V1.Refusal, value, frame] as const),
    ...golden.messages.map(([name, value, frame]) => [name, Schema.Array(V1.PeerMessage), value, frame] as const)
  ])("has words for %s that never change", (_, schema, value, hex) => {
    const { decode, encode } = bodyCodec<unknown, unknown>(schema as never)
    const body = hex.slice(2 * frameHeaderBytes)
    assert.strictEqual(toHex(encode(value)), body)
    assert.deepStrictEqual(decode(fromHex(body)), value)
    // What a node of today hears and says again is the same.
    const heard = Result.getOrThrow(decodeFrame(fromHex(hex), version1))
    assert.strictEqual(toHex(encodeFrame(heard, version1)), hex)
  })

  it("has the bodiless frames of every version", () => {
    for (const version of [1, 2].map(versionOf)) {
      assert.strictEqual(toHex(encodeFrame(Frame.Ready(), version)), golden.ready)
      assert.strictEqual(toHex(encodeFrame(Frame.KeepAlive(), version)), golden.keepAlive)
    }
  })

  it("leaves out what its hello does not say, which has a default when it is heard", () => {
    const hello = { ...helloOf(n1, "store", "10.0.0.1:9081"), joins: true, lastIndex: 7 as never }
    const bytes = encodeFrame(Frame.Hello({ hello }), version1)
    const heard = { ...hello, joins: false, boots: 0, lastIndex: 0 as never, raft: "" }
    assert.deepStrictEqual(Result.getOrThrow(decodeFrame(bytes, version1)), Frame.Hello({ hello: heard }))
  })

  it("calls whoever has been removed unknown", () => {
    const bytes = encodeFrame(Frame.Refusal({ refusal: { reason: "removed", message: "gone" } }), version1)
    const refusal = { reason: "unknown-node", message: "gone" } as const
    assert.deepStrictEqual(Result.getOrThrow(decodeFrame(bytes, version1)), Frame.Refusal({ refusal }))
  })
})

describe("the version of today", () => {
  it("is known to this release, and so are all before it", () => {
    for (let number = ourVersions.oldest; number <= ourVersions.newest; number++) assert.isDefined(versionOf(number))
    assert.throws(() => versionOf(ourVersions.newest + 1))
  })
})

describe("a snapshot on its way (§7)", () => {
  const snapshot = snapshotOf(4, 2, { time: 70, membership: membershipOf({ learners: 1 }) })
  const messages: ReadonlyArray<PeerMessage> = [
    { _tag: "Raft", message: installSnapshot({ term: 3, snapshot, round: 7 }) }
  ]

  it("has words in version 2", () => {
    const frame = Frame.Messages({ messages })
    const version2 = versionOf(2)
    assert.deepStrictEqual(Result.getOrThrow(decodeFrame(encodeFrame(frame, version2), version2)), frame)
  })

  it("has none in version 1, whose node would not know what to do with it", () => {
    assert.isFalse(version1.knows(messages[0]!))
    const bytes = encodeFrame(Frame.Messages({ messages }), version1)
    assert.deepStrictEqual(Result.getOrThrow(decodeFrame(bytes, version1)), Frame.Messages({ messages: [] }))
  })
})

describe("a message that an older peer does not know", () => {
  const ofTomorrow = { _tag: "Tomorrow" } as unknown as PeerMessage

  it.effect("is left out, the others are said in order, and the log has one line", () =>
    Effect.gen(function*() {
      const logs = makeLogs()
      const ground = yield* memoryGroundOf((id) => id === n1 ? ourVersions : { oldest: 1, newest: 1 })
      const a = yield* logs.keep(Effect.orDie(ground.open(n1)))
      const b = yield* Effect.orDie(ground.open(n2))
      yield* pass("100 millis")
      assert.deepStrictEqual([yield* tags(a), yield* tags(b)], [["Connected"], ["Connected"]])
      logs.lines.length = 0
      const saying = Effect.gen(function*() {
        yield* a.offer(n2, [numbered(1), ofTomorrow, numbered(2)])
        yield* a.send(n2, [ofTomorrow])
        yield* a.send(n2, [ofTomorrow, numbered(3)])
      })
      yield* logs.keep(saying)
      yield* pass(0)
      const heard = (yield* Queue.clear(b.events)).map((event) => event._tag === "Received" && event.messages)
      assert.deepStrictEqual(heard, [[numbered(1), numbered(2)], [numbered(3)]])
      assert.deepStrictEqual(
        logs.lines.map(({ annotations, message }) => [message, annotations]),
        [["Leaving out messages that a peer of an older version does not know", { peer: n2, kind: "Tomorrow" }]]
      )
    }))
})
