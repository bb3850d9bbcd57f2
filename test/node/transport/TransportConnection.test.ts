/**
 * One connection and one peer by themselves: what was closed brings nothing more, and whatever the
 * moment, a link is told before what came on it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FiberSet, Scheduler } from "effect"
import { make } from "../../../src/node/transport/Connection.ts"
import { Frame, smallBodyBytesMax } from "../../../src/node/transport/Frame.ts"
import { makePeer } from "../../../src/node/transport/Peer.ts"
import { ourVersions } from "../../../src/node/transport/Protocol.ts"
import type { Wire } from "../../../src/node/transport/Wire.ts"
import { bytesOf } from "./Bytes.ts"
import { pass, until } from "./MemoryGround.ts"
import { helloOf, numbered } from "./Node.ts"
import { n2 } from "./Stage.ts"

/** A connection over bytes that are all there, and then nothing. */
const connectionOf = (bytes: Uint8Array) => {
  let hasCome = false
  const wire: Wire = {
    remote: "nobody",
    pull: Effect.suspend(() => {
      if (hasCome) return Effect.never
      hasCome = true
      return Effect.succeed([bytes])
    }),
    write: () => {},
    backlogBytes: () => 0,
    isCongested: () => false,
    drained: Effect.void,
    destroy: () => {}
  }
  return Effect.tap(make(Effect.succeed(wire)), ({ agreeOn }) => Effect.sync(() => agreeOn(ourVersions.newest)))
}

describe("a connection", () => {
  it.effect("that this side has closed brings no more frames, not even those that have come", () =>
    Effect.gen(function*() {
      const frames = [Frame.KeepAlive(), Frame.Ready()].map(bytesOf)
      const connection = yield* connectionOf(Buffer.concat(frames))
      assert.strictEqual((yield* until(connection.next(smallBodyBytesMax)))._tag, "KeepAlive")
      connection.close("replaced")
      const ended = yield* Effect.flip(connection.next(smallBodyBytesMax))
      assert.strictEqual(ended.reason, "replaced")
    }))
})

describe("a message that comes at the moment of linking", () => {
  it.effect("is told after the link, wherever the fiber that tells of the link pauses", () =>
    Effect.gen(function*() {
      for (let ops = 3; ops < 40; ops++) {
        const told: Array<string> = []
        const run = yield* FiberSet.makeRuntime<never>()
        const peer = makePeer(n2, {
          deliver: ({ _tag }) => Effect.sync(() => told.push(_tag)),
          run: (telling) => run(Effect.provideService(telling, Scheduler.MaxOpsBeforeYield, ops)),
          forget: () => assert.fail("it has not been let go")
        })
        const [inbound, outbound] = [yield* connectionOf(new Uint8Array()), yield* connectionOf(new Uint8Array())]
        const introduction = { hello: helloOf(n2, "x"), version: 1 }
        peer.stand("outbound", outbound, introduction)
        peer.stand("inbound", inbound, introduction)
        yield* peer.receive(inbound, [numbered(1)])
        yield* pass(0)
        assert.deepStrictEqual(told, ["Connected", "Received"], `pause after ${ops}`)
      }
    }))
})
