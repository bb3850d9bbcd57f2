/**
 * Who a transport talks to, and on which connection: the node that it meant to dial, in a version
 * that both speak, admitted by both, on one connection in each direction.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue } from "effect"
import type { Hello, Refusal } from "../../../src/node/Transport.ts"
import { type Connection, make } from "../../../src/node/transport/Connection.ts"
import { Frame, smallBodyBytesMax } from "../../../src/node/transport/Frame.ts"
import { encodePreamble, type Versions } from "../../../src/node/transport/Preamble.ts"
import { ourVersions } from "../../../src/node/transport/Protocol.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { pass, until } from "./MemoryGround.ts"
import { helloOf, numbered } from "./Node.ts"
import { dial, speakTo } from "./Puppet.ts"
import { endOfLink, expectUndisturbed, link, n1, n2, n3, type Stage, stage, tags } from "./Stage.ts"

const say = (connection: Connection, ...frames: ReadonlyArray<Frame>) => {
  for (const frame of frames) connection.say(frame)
}

const next = (connection: Connection) => until(connection.next(smallBodyBytesMax))

/** Answers a dial of the node, up to its hello. */
const greeted = Effect.fnUntraced(function*({ dialed }: Stage) {
  const connection = yield* until(dialed)
  yield* until(connection.preamble)
  connection.write(encodePreamble(ourVersions))
  connection.agreeOn(ourVersions.newest)
  assert.strictEqual((yield* next(connection))._tag, "Hello")
  return connection
})

/** Dials the node, and says a hello. */
const greet = Effect.fnUntraced(function*({ medium }: Stage, hello: Hello) {
  const connection = yield* make(dial(medium, n1))
  connection.write(encodePreamble(ourVersions))
  connection.agreeOn(ourVersions.newest)
  say(connection, Frame.Hello({ hello }))
  yield* until(connection.preamble)
  return connection
})

const expectRefusal = (frame: Frame, reason: Refusal["reason"], message: string): void => {
  assert.deepStrictEqual(frame, Frame.Refusal({ refusal: { reason, message } }))
}

describe("another node at the address of a peer", () => {
  it.effect("is turned away by name, and not spoken to", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const connection = yield* greeted(stages)
      say(connection, Frame.Hello({ hello: helloOf(n3, "elsewhere") }))
      expectRefusal(yield* next(connection), "wrong-node", "n3 answers at the address of n2")
      assert.strictEqual(yield* endOfLink(connection), "closed")
      yield* stages.node.offer(n2, [numbered(1)])
      assert.deepStrictEqual(stages.logs.warnings(), ["Turned a node away: wrong-node"])
      yield* expectUndisturbed(stages)
    }))
})

describe("a node that is no peer", () => {
  it.effect("and cannot be dialed is turned away, though the node would admit it", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const connection = yield* greet(stages, helloOf(NodeId.make("n9"), "unknown"))
      expectRefusal(yield* next(connection), "unknown-node", "n9 is no peer of this node, and gives no address")
      assert.strictEqual(yield* endOfLink(connection), "closed")
      yield* expectUndisturbed(stages)
    }))

  it.effect("is told the node's own reason when there is one, and the log is told once", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      stages.node.admit = () => ({ reason: "wrong-cluster", message: "another cluster" })
      for (let times = 0; times < 3; times++) {
        const connection = yield* greet(stages, helloOf(n2, "foreign"))
        expectRefusal(yield* next(connection), "wrong-cluster", "another cluster")
      }
      yield* pass(0)
      assert.deepStrictEqual(stages.logs.warnings(), ["Turned a node away: wrong-cluster"])
      stages.node.admit = () => ({ reason: "disk-replaced", message: "another disk" })
      const connection = yield* greet(stages, helloOf(n2, "foreign"))
      expectRefusal(yield* next(connection), "disk-replaced", "another disk")
      yield* pass(0)
      assert.deepStrictEqual(stages.logs.warnings().slice(1), ["Turned a node away: disk-replaced"])
    }))
})

describe("a peer that this node does not want", () => {
  it.effect("is turned away though it was this node that dialed", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      stages.node.admit = () => ({ reason: "wrong-cluster", message: "another cluster" })
      const connection = yield* greeted(stages)
      say(connection, Frame.Hello({ hello: helloOf(n2, "foreign") }))
      expectRefusal(yield* next(connection), "wrong-cluster", "another cluster")
      assert.strictEqual(yield* endOfLink(connection), "closed")
      assert.deepStrictEqual(yield* tags(stages.node), [])
    }))
})

describe("a peer that turns this node away", () => {
  const disk: Refusal = { reason: "disk-replaced", message: "start with --rejoin" }

  it.effect("is reported to the node at every dial, and to the log when the reason changes", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      for (const refusal of [disk, disk, { ...disk, message: "again" }]) {
        say(yield* greeted(stages), Frame.Refusal({ refusal }))
        const told = yield* until(Queue.take(stages.node.events))
        assert.deepStrictEqual(told, { _tag: "Refused", peer: n2, refusal } as never)
      }
      assert.deepStrictEqual(stages.logs.warnings(), Array(2).fill("A peer turns this node away: disk-replaced"))
      const details = stages.logs.lines.map(({ annotations }) => annotations["detail"])
      assert.includeMembers(details, ["start with --rejoin", "again"])
    }))

  it.effect("may do so as the one who has dialed", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const connection = yield* greet(stages, helloOf(n2, "puppet"))
      assert.strictEqual((yield* next(connection))._tag, "Hello")
      say(connection, Frame.Refusal({ refusal: disk }))
      const told = yield* until(Queue.take(stages.node.events))
      assert.deepStrictEqual(told, { _tag: "Refused", peer: n2, refusal: disk } as never)
      yield* expectUndisturbed(stages)
    }))
})

describe("a node of another version", () => {
  const newer: Versions = { oldest: 3, newest: 4 }

  it.effect("that dials is shown this node's versions, and the log names both", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const connection = yield* make(dial(stages.medium, n1))
      connection.write(encodePreamble(newer))
      assert.deepStrictEqual(yield* until(connection.preamble), ourVersions)
      assert.strictEqual((yield* until(Effect.flip(connection.preamble))).reason, "closed")
      assert.deepStrictEqual(stages.logs.warnings(), ["Turned a node away: version"])
      const { annotations } = stages.logs.lines.find(({ level }) => level === "WARN")!
      assert.strictEqual(annotations["detail"], "it speaks versions 3 to 4 of the protocol, this node versions 1 to 2")
      yield* expectUndisturbed(stages)
    }))

  it.effect("that is dialed makes the node hear of it as a refusal", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const connection = yield* until(stages.dialed)
      yield* until(connection.preamble)
      connection.write(encodePreamble(newer))
      const told = yield* until(Queue.take(stages.node.events))
      assert.strictEqual(told._tag === "Refused" && told.refusal.reason, "version")
    }))

  it.effect("that speaks this one too is spoken to", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const connection = yield* make(dial(stages.medium, n1))
      connection.write(encodePreamble({ oldest: 1, newest: 7 }))
      connection.agreeOn(ourVersions.newest)
      yield* until(connection.preamble)
      say(connection, Frame.Hello({ hello: helloOf(n2, "newer") }))
      assert.strictEqual((yield* next(connection))._tag, "Hello")
    }))
})

describe("a link", () => {
  it.effect("stands only when the peer is ready: what it says before is not heard", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const heard = yield* greeted(stages)
      say(heard, Frame.Hello({ hello: helloOf(n2, "puppet") }))
      assert.strictEqual((yield* next(heard))._tag, "Ready")
      const spoken = yield* greet(stages, helloOf(n2, "puppet"))
      assert.strictEqual((yield* next(spoken))._tag, "Hello")
      yield* pass("100 millis")
      assert.deepStrictEqual(yield* tags(stages.node), [])
      say(spoken, Frame.Ready(), Frame.Messages({ messages: [numbered(1)] }))
      yield* pass(0)
      assert.deepStrictEqual(yield* tags(stages.node), ["Connected", "Received"])
    }))

  it.effect("is not one direction: what comes while the other is missing is not delivered, then or later", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const spoken = yield* until(speakTo(stages.medium, n2, n1))
      say(spoken, Frame.Messages({ messages: [numbered(1)] }))
      yield* pass("100 millis")
      assert.deepStrictEqual(yield* tags(stages.node), [])
      const heard = yield* greeted(stages)
      say(heard, Frame.Hello({ hello: helloOf(n2, "puppet") }))
      yield* pass(0)
      say(spoken, Frame.Messages({ messages: [numbered(2)] }))
      yield* pass(0)
      const [connected, received] = yield* Queue.clear(stages.node.events)
      assert.strictEqual(connected?._tag, "Connected")
      assert.deepStrictEqual(received?._tag === "Received" && received.messages, [numbered(2)])
    }))

  it.effect("ends in both directions when it ends in one", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const first = yield* link(stages)
      first.spoken.close("closed")
      assert.strictEqual(yield* endOfLink(first.heard), "closed")
      assert.deepStrictEqual(yield* tags(stages.node), ["Disconnected"])
      const second = yield* link(stages)
      second.heard.close("closed")
      assert.strictEqual(yield* endOfLink(second.spoken), "closed")
      assert.deepStrictEqual(yield* tags(stages.node), ["Disconnected"])
    }))

  it.effect("gives way to a newer connection of the same peer, and hears nothing more of the old", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const old = yield* link(stages)
      say(old.spoken, Frame.Messages({ messages: [numbered(1)] }))
      const spoken = yield* until(speakTo(stages.medium, n2, n1))
      say(old.spoken, Frame.Messages({ messages: [numbered(2)] }))
      yield* pass(0)
      assert.deepStrictEqual(yield* tags(stages.node), ["Received", "Disconnected"])
      assert.strictEqual(yield* endOfLink(old.spoken), "closed")
      assert.strictEqual(yield* endOfLink(old.heard), "closed")
      const heard = yield* greeted(stages)
      say(heard, Frame.Hello({ hello: helloOf(n2, "puppet") }))
      say(spoken, Frame.Messages({ messages: [numbered(3)] }))
      yield* pass(0)
      assert.strictEqual((yield* tags(stages.node)).filter((tag) => tag === "Connected").length, 1)
      yield* expectUndisturbed(stages)
    }))
})

describe("many strangers who say nothing", () => {
  it.effect("keep nobody out: the oldest give way", () =>
    Effect.gen(function*() {
      const stages = yield* stage
      const strangers = yield* Effect.replicateEffect(dial(stages.medium, n1), 100)
      const ends = yield* Effect.forEach(strangers, ({ pull }) => Effect.forkChild(Effect.flip(pull)))
      yield* pass("10 millis")
      const open = ends.map((end) => end.pollUnsafe() === undefined)
      assert.deepStrictEqual(open, [...Array(36).fill(false), ...Array(64).fill(true)])
      yield* link(stages)
      assert.isUndefined(ends[99]!.pollUnsafe())
    }))
})
