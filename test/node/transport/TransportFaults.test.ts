/**
 * What a transport does when the other side breaks the protocol or is not who it should be: it ends
 * that connection, says so once, and nothing else is disturbed. The other side is a puppet.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crc32 } from "node:zlib"
import { Frame } from "../../../src/node/transport/Frame.ts"
import { encodePreamble } from "../../../src/node/transport/Preamble.ts"
import { ourVersions } from "../../../src/node/transport/Protocol.ts"
import type { NodeId } from "../../../src/raft/Membership.ts"
import { bytesOf } from "./Bytes.ts"
import { pass } from "./MemoryGround.ts"
import { helloOf, numbered } from "./Node.ts"
import { dial } from "./Puppet.ts"
import { endOf, endOfLink, expectUndisturbed, link, n1, n2, stage, tags } from "./Stage.ts"

const preamble = encodePreamble(ourVersions)
const hello = (nodeId: NodeId) => bytesOf(Frame.Hello({ hello: helloOf(nodeId, "puppet") }))
const votes = bytesOf(Frame.Messages({ messages: [numbered(1)] }))
const ready = bytesOf(Frame.Ready())
const keepAlive = bytesOf(Frame.KeepAlive())
const refusal = bytesOf(Frame.Refusal({ refusal: { reason: "unknown-node", message: "no" } }))

const changed = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  copy[at] = value
  return copy
}

const crcOf = (kind: number): ReadonlyArray<number> => {
  const crc = crc32(Uint8Array.of(kind))
  return [crc >>> 24, (crc >>> 16) & 0xff, (crc >>> 8) & 0xff, crc & 0xff]
}

const giant = changed(votes, 0, 0xff)
const garbled = changed(votes, votes.length - 1, 0x55)
const noKind = Uint8Array.from([0, 0, 0, 0, ...crcOf(77), 77])

describe("a stranger", () => {
  const cases: ReadonlyArray<readonly [string, ReadonlyArray<Uint8Array>, string]> = [
    [
      "speaks another protocol",
      [new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")],
      "does not begin as a Holdfast node does"
    ],
    ["gets the first letter wrong", [Uint8Array.of(0x47)], "does not begin as a Holdfast node does"],
    ["sends messages before its hello", [preamble, votes], "sent a frame that has no place there"],
    ["keeps alive before its hello", [preamble, keepAlive], "sent a frame that has no place there"],
    ["is ready before its hello", [preamble, ready], "sent a frame that has no place there"],
    ["refuses before anybody has spoken", [preamble, refusal], "sent a frame that has no place there"],
    ["says hello twice", [preamble, hello(n2), hello(n2)], "sent a frame that has no place there"],
    ["sends messages before it is ready", [preamble, hello(n2), votes], "sent a frame that has no place there"],
    ["announces 4 GiB", [preamble, giant], "announced a frame longer than allowed"],
    [
      "announces more than a hello takes",
      [preamble, changed(hello(n2), 2, 0x11)],
      "announced a frame longer than allowed"
    ],
    [
      "announces more once it has said hello",
      [preamble, hello(n2), changed(ready, 2, 0x11)],
      "announced a frame longer than allowed"
    ],
    ["sends a garbled frame", [preamble, garbled], "sent a frame that does not decode"],
    ["sends a frame of an unknown kind", [preamble, noKind], "sent a frame of an unknown kind"]
  ]

  it.effect.each(cases)("%s", ([, sent, reason]) =>
    Effect.gen(function*() {
      const stages = yield* stage
      const wire = yield* dial(stages.medium, n1)
      for (const bytes of sent) wire.write(bytes)
      assert.strictEqual(yield* endOf(wire), "closed")
      assert.deepStrictEqual(stages.logs.warnings(), [`Closed a connection: ${reason}`])
      yield* expectUndisturbed(stages)
    }))
})

describe("a stranger that closes", () => {
  it.effect("in the middle of its preamble or of a frame is at fault; between them it is not", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const parts: ReadonlyArray<readonly [ReadonlyArray<Uint8Array>, number]> = [
        [[], 0],
        [[preamble.subarray(0, 5)], 1],
        [[preamble], 1],
        [[preamble, hello(n2).subarray(0, 20)], 2]
      ]
      for (const [sent, faults] of parts) {
        const wire = yield* dial(stages.medium, n1)
        for (const bytes of sent) wire.write(bytes)
        yield* pass(0)
        wire.destroy()
        yield* pass(0)
        assert.lengthOf(stages.logs.warnings(), faults)
      }
      assert.deepStrictEqual(
        new Set(stages.logs.warnings()),
        new Set(["Closed a connection: closed in the middle of a frame"])
      )
      yield* expectUndisturbed(stages)
    }))
})

describe("an admitted peer", () => {
  const cases: ReadonlyArray<readonly [string, Uint8Array, string]> = [
    ["says hello again", hello(n2), "sent a frame that has no place there"],
    ["refuses what it has admitted", refusal, "sent a frame that has no place there"],
    ["is ready again", ready, "sent a frame that has no place there"],
    ["sends a frame of an unknown kind", noKind, "sent a frame of an unknown kind"],
    ["sends a garbled frame", garbled, "sent a frame that does not decode"],
    ["announces 4 GiB", giant, "announced a frame longer than allowed"]
  ]

  it.effect.each(cases)("%s", ([, bytes, reason]) =>
    Effect.gen(function*() {
      const stages = yield* stage
      const { heard, spoken } = yield* link(stages)
      spoken.write(votes)
      spoken.write(bytes)
      spoken.write(votes)
      assert.strictEqual(yield* endOfLink(spoken), "closed")
      assert.strictEqual(yield* endOfLink(heard), "closed")
      assert.deepStrictEqual(yield* tags(stages.node), ["Received", "Disconnected"])
      assert.deepStrictEqual(stages.logs.warnings(), [`Closed a connection: ${reason}`])
      yield* expectUndisturbed(stages)
      yield* link(stages)
    }))

  it.effect("speaks where it should only listen", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const { heard } = yield* link(stages)
      heard.write(keepAlive)
      heard.write(votes)
      assert.strictEqual(yield* endOfLink(heard), "closed")
      assert.deepStrictEqual(yield* tags(stages.node), ["Disconnected"])
      assert.deepStrictEqual(stages.logs.warnings(), ["Closed a connection: sent a frame that has no place there"])
      yield* expectUndisturbed(stages)
    }))

  it.effect("closes in the middle of a frame", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const { spoken } = yield* link(stages)
      spoken.write(votes.subarray(0, 12))
      yield* pass(0)
      spoken.close("closed")
      yield* pass(0)
      assert.deepStrictEqual(yield* tags(stages.node), ["Disconnected"])
      assert.deepStrictEqual(stages.logs.warnings(), ["Closed a connection: closed in the middle of a frame"])
    }))
})
