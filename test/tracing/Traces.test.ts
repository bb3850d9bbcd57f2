/**
 * One trace of one acquire, from the program that asks to the grant, over clients, followers and leaders, as a
 * collector is told of it; and nothing of all that where nobody traces.
 */
import { assert, describe } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Redacted, Tracer } from "effect"
import { TestClock } from "effect/testing"
import * as Otlp from "../../src/node/tracing/Otlp.ts"
import * as Tracing from "../../src/node/tracing/Tracing.ts"
import { NodeId } from "../../src/raft/Membership.ts"
import { makeClientCluster } from "../client/ClientCluster.ts"
import { clusterTest, during, pass, wanted } from "../cluster/Cluster.ts"
import { attributesOf, makeCollector, type Span, treeOf } from "./Collector.ts"

const ids = [1, 2, 3].map((at) => NodeId.make(`node${at}`))

/** A cluster whose nodes trace but for those that are `silent`, a client, and a tracer for its program. */
const makeTraced = Effect.fnUntraced(function*(silent: Set<NodeId> = new Set()) {
  const collector = yield* makeCollector
  const clock = yield* Clock.Clock
  const tracings = new Map<NodeId, Tracing.Tracing>()
  for (const id of ids) {
    const tracer = yield* Otlp.makeTracer(collector.settings, id)
    tracings.set(id, Tracing.make(tracer, (parent) => parent?.sampled ?? true, () => clock.currentTimeNanosUnsafe()))
  }
  const tracing = (id: NodeId) => silent.has(id) ? null : tracings.get(id)!
  const made = yield* makeClientCluster({ tracing })
  const program = yield* Otlp.makeTracer(collector.settings, "program")
  const leader = yield* made.cluster.elect
  return {
    ...made,
    collector,
    leader,
    silent,
    inProgram: Effect.provideService(Tracer.Tracer, program),
    /** A client whose node is a follower. */
    clientOfFollower: Effect.suspend(() => {
      made.faults.refusing.add(leader)
      return made.client()
    }),
    /** All spans of the trace that has one of this name, once it has so many: each node sends its own. */
    spansOf: Effect.fnUntraced(function*(name: string, count: number) {
      yield* pass(5)
      yield* TestClock.adjust(collector.settings.delayMillis)
      const found = () => {
        const traceId = collector.spans.find((span) => span.name === name)?.traceId
        return collector.spans.filter((span) => span.traceId === traceId)
      }
      yield* collector.until(() => found().length >= count)
      return found()
    })
  }
})

const described = (leader: NodeId) => (span: Span): string => {
  const { "holdfast.lock": lock, "holdfast.node": node, "holdfast.outcome": outcome } = attributesOf(span)
  const at = span.instance === leader ? "leader" : span.instance === "program" ? "program" : "follower"
  const to = node === undefined ? "" : node === leader ? " to leader" : " to follower"
  const of = lock === undefined ? "" : ` ${String(lock)}`
  return `${span.name}${of}${to} (${at})${outcome === undefined ? "" : ` ${String(outcome)}`}`
}

const ofLeader = [
  "lock.apply (leader)",
  "lock.grant (leader)",
  "raft.append (leader)",
  "raft.replicate to follower (leader)",
  "raft.replicate to follower (leader)"
]

const indented = (indent: number, lines: ReadonlyArray<string>) => lines.map((line) => " ".repeat(indent) + line)

const millisOf = ({ endTimeUnixNano, startTimeUnixNano }: Span) =>
  Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6

describe("A trace of an acquire", () => {
  clusterTest("goes from the program's span to the grant, at the leader and through a follower", function*() {
    const { client, clientOfFollower, faults, inProgram, leader, spansOf } = yield* makeTraced()
    const one = yield* client()
    yield* during(Effect.scoped(one.acquire("before")))
    const other = yield* clientOfFollower
    const both = Effect.all([one.acquire("a"), other.acquire("b", { owner: "an owner" })])
    yield* during(Effect.scoped(both).pipe(Effect.withSpan("nightly"), inProgram))
    const spans = yield* spansOf("nightly", 18)
    assert.deepStrictEqual(treeOf(spans, described(leader)), [
      "nightly (program)",
      "  holdfast.acquire a (program)",
      "    rpc Acquire (leader) Granted",
      "      raft.propose a (leader) Granted",
      ...indented(8, ofLeader),
      "  holdfast.acquire b (program)",
      "    rpc Acquire (follower) Granted",
      "      raft.forward to leader (follower) Granted",
      "        raft.propose b (leader) Granted",
      ...indented(10, ofLeader)
    ])
    const told = JSON.stringify(spans)
    for (const session of faults.sessions) assert.notInclude(told, Redacted.value(session))
    assert.notInclude(told, "an owner")
  })

  clusterTest("shows how long one waits in the queue, and why one is refused", function*() {
    const { client, inProgram, leader, spansOf } = yield* makeTraced()
    const one = yield* client()
    const held = yield* during(one.acquire("a"))
    const refused = yield* during(Effect.exit(one.tryAcquire("a")).pipe(Effect.withSpan("refused"), inProgram))
    assert.isTrue(Exit.isFailure(refused))
    const waiting = yield* Effect.forkChild(
      Effect.scoped(one.acquire("a")).pipe(Effect.withSpan("waiting"), inProgram)
    )
    yield* pass(500)
    yield* during(held.release)
    yield* during(Fiber.join(waiting))
    const waited = yield* spansOf("waiting", 9)
    const grant = waited.find(({ name }) => name === "lock.grant")!
    assert.isAtLeast(millisOf(grant), 490)
    assert.isAtMost(millisOf(waited.find(({ name }) => name === "raft.append")!), 10)
    assert.strictEqual(attributesOf(grant)["holdfast.token"], 2)
    const [, , , ...rest] = treeOf(yield* spansOf("refused", 8), described(leader))
    assert.deepStrictEqual(rest, [
      "      raft.propose a (leader) LockHeld",
      ...indented(8, ofLeader.filter((line) => !line.startsWith("lock.grant")))
    ])
  })

  clusterTest("begins at the node for a client that does not trace", function*() {
    const { client, leader, spansOf } = yield* makeTraced()
    const one = yield* client()
    yield* during(Effect.scoped(one.acquire("a")).pipe(Effect.withSpan("of nobody")))
    const [first] = treeOf(yield* spansOf("rpc Acquire", 7), described(leader))
    assert.strictEqual(first, "rpc Acquire (leader) Granted")
  })

  clusterTest("goes on under the span of whoever asks a node in its own process, as HTTP does", function*() {
    const { cluster, leader, spansOf } = yield* makeTraced()
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
    const parent = Tracer.externalSpan({ traceId, spanId: "00f067aa0ba902b7", sampled: true })
    yield* during(cluster.at(leader).locks.acquire("a", wanted).pipe(Effect.withParentSpan(parent)))
    const spans = yield* spansOf("raft.propose", 6)
    assert.deepStrictEqual(treeOf(spans, described(leader)), [
      "raft.propose a (leader) Granted",
      ...indented(2, ofLeader)
    ])
    assert.strictEqual(spans[0]?.traceId, traceId)
  })

  clusterTest("goes no further than what traces", function*() {
    const { client, clientOfFollower, cluster, faults, inProgram, leader, silent, spansOf } = yield* makeTraced()
    for (const id of cluster.others(leader)) {
      silent.add(id)
      yield* cluster.crash(id)
      yield* cluster.start(id)
      yield* pass(200)
    }
    assert.strictEqual(yield* cluster.elect, leader)
    const one = yield* clientOfFollower
    yield* during(Effect.scoped(one.acquire("a")).pipe(Effect.withSpan("nightly"), inProgram))
    faults.refusing.delete(leader)
    const other = yield* client()
    yield* during(Effect.scoped(other.acquire("b")))
    // What the leader had to send of the first it has sent with what it has of the second.
    yield* spansOf("rpc Acquire", 7)
    const spans = yield* spansOf("nightly", 2)
    assert.deepStrictEqual(treeOf(spans, described(leader)), ["nightly (program)", "  holdfast.acquire a (program)"])
  })

  clusterTest("is none, and nothing is sent, where nobody traces", function*() {
    const { client, clientOfFollower, collector } = yield* makeTraced(new Set(ids))
    const one = yield* client()
    yield* during(Effect.scoped(one.acquire("a")).pipe(Effect.withSpan("of nobody")))
    const other = yield* clientOfFollower
    yield* during(Effect.scoped(other.acquire("b")))
    yield* TestClock.adjust(2 * collector.settings.delayMillis)
    assert.deepStrictEqual(collector.requests, [])
  })
})
