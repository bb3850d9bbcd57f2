/**
 * When a transport acts: each time limit is shown not to have passed, and then to have passed, under
 * a clock that only the test moves.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, FiberSet, Latch, Random } from "effect"
import { TestClock } from "effect/testing"
import { Frame, smallBodyBytesMax } from "../../../src/node/transport/Frame.ts"
import { encodePreamble } from "../../../src/node/transport/Preamble.ts"
import { ourVersions } from "../../../src/node/transport/Protocol.ts"
import type { Opening, Wire } from "../../../src/node/transport/Wire.ts"
import { bytesOf } from "./Bytes.ts"
import { memoryGround, pass } from "./MemoryGround.ts"
import { helloOf, numbered } from "./Node.ts"
import { dial } from "./Puppet.ts"
import { link, n1, n2, stage, tags } from "./Stage.ts"

/** Whether the node has closed a connection by now. */
const watch = Effect.fnUntraced(function*(wire: Pick<Wire, "pull">) {
  const fiber = yield* Effect.forkChild(Effect.flip(Effect.forever(wire.pull)))
  return () => fiber.pollUnsafe() !== undefined
})

const preamble = encodePreamble(ourVersions)
const keepAlive = bytesOf(Frame.KeepAlive())

describe("a stranger", () => {
  it.effect("who says nothing is let go after a second", () =>
    Effect.gen(function*() {
      const { logs, medium } = yield* stage
      const isClosed = yield* watch(yield* dial(medium, n1))
      yield* pass("999 millis")
      assert.isFalse(isClosed())
      yield* pass("1 millis")
      assert.isTrue(isClosed())
      assert.include(logs.warnings(), "Closed a connection: did not introduce itself in time")
    }))

  it.effect("who introduces itself byte by byte gets no more time", () =>
    Effect.gen(function*() {
      const { medium } = yield* stage
      const wire = yield* dial(medium, n1)
      const isClosed = yield* watch(wire)
      const bytes = Buffer.concat([preamble, bytesOf(Frame.Hello({ hello: helloOf(n2, "slow") }))])
      for (let at = 0; at < 999; at += 9) {
        wire.write(bytes.subarray(at / 9, at / 9 + 1))
        yield* pass("9 millis")
        assert.isFalse(isClosed())
      }
      yield* pass("1 millis")
      assert.isTrue(isClosed())
    }))

  it.effect("who says hello, and is never ready, gets no more time", () =>
    Effect.gen(function*() {
      const { medium } = yield* stage
      const wire = yield* dial(medium, n1)
      const isClosed = yield* watch(wire)
      wire.write(preamble)
      wire.write(bytesOf(Frame.Hello({ hello: helloOf(n2, "unready") })))
      yield* pass("999 millis")
      assert.isFalse(isClosed())
      yield* pass("1 millis")
      assert.isTrue(isClosed())
    }))
})

/** When a node dials n2 within some time, if every dial is answered so. */
const dials = Effect.fnUntraced(function*(millis: number, answer: (wire: Wire) => Effect.Effect<unknown, unknown>) {
  const ground = yield* memoryGround
  const run = yield* FiberSet.makeRuntime()
  const times: Array<number> = []
  const receive = Effect.fnUntraced(function*(opening: Opening) {
    times.push(yield* Clock.currentTimeMillis)
    yield* answer(yield* opening)
  }, Effect.scoped)
  yield* ground.network.medium(n2).listen((opening) => run(Effect.ignore(receive(opening))))
  const node = yield* ground.open(n1)
  for (let now = 0; now < millis; now += 10) yield* TestClock.adjust("10 millis")
  return { node, times, pauses: times.slice(1).map((time, index) => time - times[index]!) }
})

describe("a peer that accepts and never answers", () => {
  it.effect("is let go after a second, and dialed again", () =>
    Effect.gen(function*() {
      const { node, pauses } = yield* dials(10_000, () => Effect.never)
      assert.isAbove(pauses.length, 5)
      for (const pause of pauses) assert.isTrue(pause >= 1010 && pause <= 1510, String(pause))
      assert.deepStrictEqual(yield* tags(node), [])
    }))
})

describe("the pause before the next dial", () => {
  it.effect("doubles from 20 to 500 ms, and is cut by up to a half", () =>
    Effect.gen(function*() {
      const { pauses } = yield* Random.withSeed(dials(10_000, (wire) => Effect.sync(wire.destroy)), "pauses")
      const longest = [20, 40, 80, 160, 320, 500]
      for (const [index, pause] of pauses.entries()) {
        const limit = longest[index] ?? 500
        assert.isTrue(pause >= limit / 2 && pause <= limit, `${pause} of ${limit}`)
      }
      assert.isAbove(new Set(pauses.slice(5)).size, 5)
    }))

  it.effect("is short again after a link", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      yield* pass("4 seconds")
      const { spoken } = yield* link(stages)
      yield* pass("100 millis")
      spoken.close("closed")
      const redial = yield* Effect.forkChild(stages.dialed)
      yield* pass("9 millis")
      assert.isUndefined(redial.pollUnsafe())
      yield* pass("11 millis")
      assert.isDefined(redial.pollUnsafe())
    }))

  it.effect("ends at once when the peer dials", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      const node = yield* ground.open(n1)
      yield* pass("5 seconds")
      yield* ground.open(n2)
      yield* pass(0)
      assert.deepStrictEqual(yield* tags(node), ["Connected"])
    }))
})

describe("a dial that nobody answers", () => {
  it.effect("is given up after half a second, so that a peer is found soon after the cable is mended", () =>
    Effect.gen(function*() {
      const ground = yield* memoryGround
      yield* ground.network.partition(n1, n2, { silent: true })
      const node = yield* ground.open(n1)
      yield* ground.open(n2)
      yield* pass("10 seconds")
      yield* ground.repair(n1, n2)
      yield* pass("1 seconds")
      assert.deepStrictEqual(yield* tags(node), ["Connected"])
    }))
})

describe("keep-alives", () => {
  it.effect("are sent on both connections of a silent link, every quarter of a second", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const { heard, spoken } = yield* link(stages)
      const frames: Array<Frame["_tag"]> = []
      for (const connection of [heard, spoken]) {
        yield* Effect.forkChild(Effect.forever(Effect.tap(
          connection.next(smallBodyBytesMax),
          ({ _tag }) => Effect.sync(() => frames.push(_tag))
        )))
        yield* Effect.forkScoped(connection.keepAlive)
      }
      yield* pass("249 millis")
      assert.deepStrictEqual(frames, [])
      yield* pass("10 seconds")
      assert.strictEqual(new Set(frames).size, 1)
      assert.isTrue(frames.length >= 78 && frames.length <= 82, String(frames.length))
      assert.deepStrictEqual(yield* tags(stages.node), [])
    }))

  it.effect("are not sent while there is something to say", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const { heard } = yield* link(stages)
      const frames: Array<Frame["_tag"]> = []
      yield* Effect.forkChild(Effect.forever(Effect.tap(
        heard.next(smallBodyBytesMax),
        ({ _tag }) => Effect.sync(() => frames.push(_tag))
      )))
      for (let n = 0; n < 5; n++) {
        yield* stages.node.offer(n2, [numbered(n)])
        yield* pass("125 millis")
      }
      assert.deepStrictEqual(frames, Array(5).fill("Messages"))
    }))

  it.effect("are missed after a second, and not before, whatever was heard last", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const { heard, spoken } = yield* link(stages)
      for (let quarters = 0; quarters < 20; quarters++) {
        heard.write(keepAlive)
        spoken.write(keepAlive)
        yield* pass("999 millis")
        assert.deepStrictEqual(yield* tags(stages.node), [])
      }
      yield* pass("251 millis")
      assert.deepStrictEqual(yield* tags(stages.node), ["Disconnected"])
      const lost = stages.logs.lines.find(({ message }) => message === "Lost the link to a peer")
      assert.strictEqual(lost?.annotations["reason"], "nothing heard for too long")
    }))

  it.effect("are not missed by a node that has no time to listen", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const { heard, spoken } = yield* link(stages)
      const gate = yield* Latch.make()
      stages.node.gate = gate.await
      spoken.write(bytesOf(Frame.Messages({ messages: [numbered(1)] })))
      yield* Effect.forkScoped(heard.keepAlive)
      yield* pass("10 seconds")
      assert.deepStrictEqual(yield* tags(stages.node), [])
      yield* gate.open
      yield* pass(0)
      assert.deepStrictEqual(yield* tags(stages.node), ["Received"])
    }))
})
