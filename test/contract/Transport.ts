/**
 * What every `Transport` promises, whatever is below it. A ground makes nodes that can reach each
 * other, breaks what is between them, and knows how time passes there.
 */
import { assert, describe, type Vitest } from "@effect/vitest"
import { type Duration, Effect, Exit, Fiber, Latch, Queue, Schema, Scope } from "effect"
import { PeerMessage } from "../../src/node/PeerMessage.ts"
import type { Refusal, TransportError, TransportEvent } from "../../src/node/Transport.ts"
import { NodeId } from "../../src/raft/Membership.ts"
import { numbered, type TestNode } from "../node/transport/Node.ts"

export interface Ground {
  /** Opens one of n1, n2 and n3, with a new disk each time. */
  readonly open: (id: NodeId) => Effect.Effect<TestNode, TransportError, Scope.Scope>
  /** Breaks what stands between two nodes at once. */
  readonly partition: (a: NodeId, b: NodeId) => Effect.Effect<void>
  /** Lets nothing through in one direction, and lets nobody know. */
  readonly hold: (from: NodeId, to: NodeId) => Effect.Effect<void>
  readonly repair: (a: NodeId, b: NodeId) => Effect.Effect<void>
  readonly pass: (time: Duration.Input) => Effect.Effect<void>
  /** Lets time pass until the effect has ended, but not for ever. */
  readonly until: <A>(effect: Effect.Effect<A>) => Effect.Effect<A>
}

const [n1, n2, n3] = [NodeId.make("n1"), NodeId.make("n2"), NodeId.make("n3")]

/** The events of a node, one after the other. */
const next = (ground: Ground, node: TestNode) => ground.until(Queue.take(node.events))

const expectNext = <Tag extends TransportEvent["_tag"]>(ground: Ground, node: TestNode, tag: Tag) =>
  Effect.map(next(ground, node), (event) => {
    assert.strictEqual(event._tag, tag)
    return event as Extract<TransportEvent, { _tag: Tag }>
  })

const expectSilence = (ground: Ground, node: TestNode, time: Duration.Input) =>
  Effect.gen(function*() {
    yield* ground.pass(time)
    assert.deepStrictEqual(yield* Queue.clear(node.events), [])
  })

/** Opens two nodes and waits until both know of their link. */
const linked = Effect.fnUntraced(function*(ground: Ground) {
  const a = yield* ground.open(n1)
  const b = yield* ground.open(n2)
  yield* expectNext(ground, a, "Connected")
  yield* expectNext(ground, b, "Connected")
  return [a, b] as const
})

/** The numbers of the messages that have come, until there are enough. */
const collect = Effect.fnUntraced(function*(ground: Ground, node: TestNode, count: number) {
  const numbers: Array<number> = []
  while (numbers.length < count) {
    const { messages } = yield* expectNext(ground, node, "Received")
    for (const message of messages) if (message._tag === "Propose") numbers.push(Number(message.request))
  }
  return numbers
})

const range = (count: number) => Array.from({ length: count }, (_, n) => n)

const MiB = 1024 * 1024

const stranger: Refusal = { reason: "unknown-node", message: "who are you?" }

/** Runs the contract with one of the testers of `it`. */
export const transportContract = (
  name: string,
  test: Vitest.Tester<Scope.Scope>,
  makeGround: Effect.Effect<Ground, never, Scope.Scope>
): void => {
  const on = <E>(run: (ground: Ground) => Effect.Effect<void, E, Scope.Scope>) => () => Effect.flatMap(makeGround, run)
  describe(`${name}: links`, () => links(test, on))
  describe(`${name}: messages`, () => messages(test, on, makeGround))
  describe(`${name}: refusals`, () => refusals(test, on))
  describe(`${name}: faults`, () => faults(test, on))
  describe(`${name}: congestion`, () => congestion(test, on))
}

type On = <E>(
  run: (ground: Ground) => Effect.Effect<void, E, Scope.Scope>
) => () => Effect.Effect<void, E, Scope.Scope>

const links = (test: Vitest.Tester<Scope.Scope>, on: On): void => {
  test(
    "tells both nodes of their link, with what the other says of itself",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1)
      const b = yield* ground.open(n2)
      const atA = yield* expectNext(ground, a, "Connected")
      const atB = yield* expectNext(ground, b, "Connected")
      assert.deepStrictEqual([atA.peer, atA.hello.nodeId, atA.hello.storeId], [n2, n2, "store-2"])
      assert.deepStrictEqual([atB.peer, atB.hello.nodeId, atB.hello.storeId], [n1, n1, "store-1"])
    }))
  )

  test(
    "tells a node at once that its peer has gone, and once",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1)
      const scope = yield* Scope.make()
      yield* Scope.provide(ground.open(n2), scope)
      yield* expectNext(ground, a, "Connected")
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* expectNext(ground, a, "Disconnected")).peer, n2)
      yield* expectSilence(ground, a, "300 millis")
    }))
  )

  test(
    "links again with a peer that has come back, and shows what is new about it",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1)
      const scope = yield* Scope.make()
      yield* Scope.provide(ground.open(n2), scope)
      yield* expectNext(ground, a, "Connected")
      yield* Scope.close(scope, Exit.void)
      yield* expectNext(ground, a, "Disconnected")
      const b = yield* ground.open(n2)
      assert.strictEqual((yield* expectNext(ground, a, "Connected")).hello.storeId, "store-3")
      yield* expectNext(ground, b, "Connected")
      yield* b.offer(n1, [numbered(7)])
      assert.deepStrictEqual(yield* collect(ground, a, 1), [7])
    }))
  )

  test(
    "links every node with every other",
    on(Effect.fnUntraced(function*(ground) {
      for (const node of [yield* ground.open(n1), yield* ground.open(n2), yield* ground.open(n3)]) {
        const peers = [yield* expectNext(ground, node, "Connected"), yield* expectNext(ground, node, "Connected")]
        assert.sameMembers(peers.map(({ peer }) => peer), [n1, n2, n3].filter((id) => id !== node.id))
      }
    }))
  )
}

const messages = (
  test: Vitest.Tester<Scope.Scope>,
  on: On,
  makeGround: Effect.Effect<Ground, never, Scope.Scope>
): void => {
  test(
    "keeps the order of messages, in both directions",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      for (const n of range(500)) {
        yield* n % 2 === 0 ? a.offer(n2, [numbered(n)]) : a.send(n2, [numbered(n)])
        yield* b.offer(n1, [numbered(n), numbered(n)])
      }
      assert.deepStrictEqual(yield* collect(ground, b, 500), range(500))
      assert.deepStrictEqual(yield* collect(ground, a, 1000), range(500).flatMap((n) => [n, n]))
    }))
  )

  test(
    "delivers together what was handed over together",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      yield* a.offer(n2, [numbered(1), numbered(2)])
      yield* a.offer(n2, [])
      yield* a.offer(n2, [numbered(3)])
      assert.deepStrictEqual((yield* expectNext(ground, b, "Received")).messages, [numbered(1), numbered(2)])
      assert.deepStrictEqual((yield* expectNext(ground, b, "Received")).messages, [numbered(3)])
    }))
  )

  test.prop(
    "carries every kind of message as it is",
    { sent: Schema.Array(PeerMessage) },
    ({ sent }) =>
      Effect.scoped(Effect.gen(function*() {
        const ground = yield* makeGround
        const [a, b] = yield* linked(ground)
        const whole = sent.filter((message) => !/\\ud[89a-f]/.test(JSON.stringify(message)))
        yield* a.offer(n2, [...whole, numbered(0)])
        assert.deepStrictEqual((yield* expectNext(ground, b, "Received")).messages, [...whole, numbered(0)])
      })),
    { arbitrary: { runs: 15 } }
  )

  test(
    "drops what is for nobody: a peer that is not linked, a stranger, the node itself",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1)
      for (const nobody of [n2, NodeId.make("n9"), n1]) {
        yield* a.offer(nobody, [numbered(1)])
        yield* a.send(nobody, [numbered(1)])
      }
      const b = yield* ground.open(n2)
      yield* expectNext(ground, b, "Connected")
      yield* expectNext(ground, a, "Connected")
      yield* a.offer(n2, [numbered(2)])
      assert.deepStrictEqual(yield* collect(ground, b, 1), [2])
      yield* expectSilence(ground, a, "50 millis")
    }))
  )

  test(
    "carries more than fits into one frame",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      yield* Effect.forkScoped(a.send(n2, range(17).map((n) => numbered(n, MiB))))
      assert.deepStrictEqual(yield* collect(ground, b, 17), range(17))
    }))
  )
}

const refusals = (test: Vitest.Tester<Scope.Scope>, on: On): void => {
  test(
    "tells a node why its peer turns it away, and links them when the peer changes its mind",
    on(Effect.fnUntraced(function*(ground) {
      const b = yield* ground.open(n2)
      b.admit = ({ nodeId }) => nodeId === n1 ? stranger : null
      const a = yield* ground.open(n1)
      const refused = yield* expectNext(ground, a, "Refused")
      assert.deepStrictEqual([refused.peer, refused.refusal], [n2, stranger])
      yield* a.offer(n2, [numbered(1)])
      yield* expectSilence(ground, b, "300 millis")
      b.admit = () => null
      yield* expectNext(ground, b, "Connected")
      while ((yield* next(ground, a))._tag !== "Connected") continue
      yield* a.offer(n2, [numbered(2)])
      assert.deepStrictEqual(yield* collect(ground, b, 1), [2])
    }))
  )

  test(
    "hears nobody that it turns away, and goes on with the others",
    on(Effect.fnUntraced(function*(ground) {
      const a = yield* ground.open(n1)
      a.admit = ({ nodeId }) => nodeId === n2 ? stranger : null
      const b = yield* ground.open(n2)
      const c = yield* ground.open(n3)
      assert.strictEqual((yield* expectNext(ground, a, "Connected")).peer, n3)
      while ((yield* next(ground, b))._tag !== "Refused") continue
      yield* b.offer(n1, [numbered(1)])
      yield* c.offer(n1, [numbered(2)])
      assert.deepStrictEqual(yield* collect(ground, a, 1), [2])
      yield* expectSilence(ground, a, "500 millis")
    }))
  )
}

const faults = (test: Vitest.Tester<Scope.Scope>, on: On): void => {
  test(
    "tells both of a broken link, and links them again after the repair; what was said meanwhile is lost",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      yield* ground.partition(n1, n2)
      yield* expectNext(ground, a, "Disconnected")
      yield* expectNext(ground, b, "Disconnected")
      yield* a.offer(n2, [numbered(1)])
      yield* expectSilence(ground, a, "300 millis")
      yield* expectSilence(ground, b, 0)
      yield* ground.repair(n1, n2)
      yield* expectNext(ground, a, "Connected")
      yield* expectNext(ground, b, "Connected")
      yield* a.offer(n2, [numbered(2)])
      assert.deepStrictEqual(yield* collect(ground, b, 1), [2])
    }))
  )

  test(
    "lets go of a link that is silent, in time and not before, and speaks again soon after the repair",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      yield* ground.hold(n1, n2)
      yield* ground.hold(n2, n1)
      yield* a.offer(n2, [numbered(1)])
      yield* expectSilence(ground, a, "600 millis")
      yield* expectSilence(ground, b, 0)
      for (const node of [a, b]) yield* expectNext(ground, node, "Disconnected")
      yield* ground.pass("800 millis")
      yield* ground.repair(n1, n2)
      yield* expectNext(ground, a, "Connected")
      yield* expectNext(ground, b, "Connected")
      yield* a.offer(n2, [numbered(2)])
      assert.deepStrictEqual(yield* collect(ground, b, 1), [2])
    }))
  )

  test.each([[n1, n2], [n2, n1]])(
    "lets go of a link that is silent in one direction only: %s to %s",
    ([from, to]) =>
      on(Effect.fnUntraced(function*(ground) {
        const [a, b] = yield* linked(ground)
        yield* ground.hold(from!, to!)
        yield* ground.pass("2 seconds")
        yield* expectNext(ground, a, "Disconnected")
        yield* expectNext(ground, b, "Disconnected")
      }))()
  )

  test(
    "keeps a link that has been silent for less than it may, and loses nothing of it",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      yield* ground.hold(n1, n2)
      yield* a.offer(n2, [numbered(1)])
      yield* expectSilence(ground, b, "500 millis")
      yield* ground.repair(n1, n2)
      assert.deepStrictEqual(yield* collect(ground, b, 1), [1])
      yield* expectSilence(ground, a, "700 millis")
    }))
  )

  test(
    "breaks one link and no other",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      const c = yield* ground.open(n3)
      for (const node of [a, b, c, c]) yield* expectNext(ground, node, "Connected")
      yield* ground.partition(n1, n2)
      yield* expectNext(ground, a, "Disconnected")
      yield* expectNext(ground, b, "Disconnected")
      yield* a.offer(n3, [numbered(1)])
      yield* c.offer(n2, [numbered(2)])
      assert.deepStrictEqual(yield* collect(ground, c, 1), [1])
      assert.deepStrictEqual(yield* collect(ground, b, 1), [2])
      yield* expectSilence(ground, c, "500 millis")
    }))
  )

  test(
    "tells of links in pairs, and of messages within them, whatever happens between the nodes",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      for (const round of range(12)) {
        yield* a.offer(n2, [numbered(round)])
        yield* b.offer(n1, [numbered(round)])
        yield* round % 3 === 2 ? ground.hold(n1, n2) : ground.partition(n1, n2)
        yield* ground.pass(["0 millis", "15 millis", "60 millis", "150 millis"][round % 4] as Duration.Input)
        yield* ground.repair(n1, n2)
        yield* ground.pass(["0 millis", "40 millis", "120 millis"][round % 3] as Duration.Input)
      }
      yield* ground.pass("1500 millis")
      for (const node of [a, b]) assertPaired(yield* Queue.clear(node.events))
    }))
  )
}

/** Starts linked, and must end so. */
const assertPaired = (events: ReadonlyArray<TransportEvent>): void => {
  let isLinked = true
  for (const { _tag } of events) {
    assert.strictEqual(_tag === "Connected", !isLinked, events.map((event) => event._tag).join(" "))
    if (_tag !== "Received") isLinked = !isLinked
  }
  assert.isTrue(isLinked)
  assert.isAbove(events.filter(({ _tag }) => _tag === "Connected").length, 1)
}

const congestion = (test: Vitest.Tester<Scope.Scope>, on: On): void => {
  test(
    "drops what is offered to a peer that does not keep up, in bounds, keeps the link, and disturbs no other",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      const c = yield* ground.open(n3)
      for (const node of [a, b, c, c]) yield* expectNext(ground, node, "Connected")
      const gate = yield* Latch.make()
      b.gate = gate.await
      for (const n of range(400)) {
        yield* a.offer(n2, [numbered(n, MiB / 8)])
        if (n % 100 === 0) yield* a.offer(n3, [numbered(n)])
      }
      assert.deepStrictEqual(yield* collect(ground, c, 4), [0, 100, 200, 300])
      yield* expectSilence(ground, a, "1500 millis")
      yield* gate.open
      yield* ground.pass("300 millis")
      yield* a.offer(n2, [numbered(1000)])
      const numbers: Array<number> = []
      while (numbers.at(-1) !== 1000) numbers.push(...yield* collect(ground, b, 1))
      // 8 MiB wait here, and the kernel takes some more.
      assert.isAbove(numbers.length, 64)
      assert.isBelow(numbers.length, 300)
      assert.deepStrictEqual(numbers, numbers.toSorted((x, y) => x - y))
    }))
  )

  test(
    "makes a sender wait for a peer that does not keep up, and loses nothing",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      const gate = yield* Latch.make()
      b.gate = gate.await
      let sent = 0
      const sender = Effect.forEach(
        range(150),
        (n) => Effect.tap(a.send(n2, [numbered(n, MiB / 4)]), () => Effect.sync(() => sent++)),
        { discard: true }
      )
      yield* Effect.forkScoped(sender)
      yield* ground.pass("300 millis")
      assert.isBelow(sent, 150)
      yield* gate.open
      assert.deepStrictEqual(yield* collect(ground, b, 150), range(150))
      assert.strictEqual(sent, 150)
    }))
  )

  test(
    "lets a waiting sender go when the link ends",
    on(Effect.fnUntraced(function*(ground) {
      const [a, b] = yield* linked(ground)
      b.gate = Effect.never
      const sender = yield* Effect.forkScoped(
        Effect.forEach(range(200), (n) => a.send(n2, [numbered(n, MiB / 4)]), { discard: true })
      )
      yield* ground.pass("300 millis")
      assert.isUndefined(sender.pollUnsafe())
      yield* ground.partition(n1, n2)
      yield* ground.until(Fiber.join(sender))
      yield* expectNext(ground, a, "Disconnected")
    }))
  )
}
