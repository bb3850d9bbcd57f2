/**
 * Events over HTTP, as a browser or `curl` reads them: where a stream begins, what it tells, what it says is missing,
 * and how it ends.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { FencingToken, LockName } from "../../../src/lock/Identifiers.ts"
import type { LockEvent } from "../../../src/lock/LockEvent.ts"
import { EventLog } from "../../../src/node/EventLog.ts"
import { Term } from "../../../src/raft/Entry.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import * as HttpTestServer from "./HttpTestServer.ts"
import { encode, json, open, send, until } from "./RawHttp.ts"

const granted = (lock: string, token: number): LockEvent => ({
  kind: "granted",
  lock: LockName.make(lock),
  label: "ann",
  owner: "",
  mode: "exclusive",
  token: FencingToken.make(token),
  reason: null,
  millis: 12,
  queueLength: 0,
  wallMillis: Date.UTC(2026, 0, 31, 14, 3, 20)
})

const grantOf = (name: string, token: number): string =>
  `{"name":"${name}","mode":"exclusive","label":"ann","owner":"","at":"2026-01-31T14:03:20.000Z",` +
  `"token":${token},"waitedMs":12,"queueLength":0}`

const elected = { kind: "leader", term: Term.make(4), leaderId: NodeId.make("node2") } as const

/** What comes of a request, without the framing of chunks. */
const watch = Effect.fnUntraced(function*(target: string, headers: Readonly<Record<string, string>> = {}) {
  const socket = yield* open(yield* HttpTestServer.port)
  let text = ""
  let isOver = false
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk
  }).on("end", () => {
    isOver = true
  })
  socket.write(encode({ target, headers }))
  const events = () => [...text.matchAll(/^id: (.*)\r?\nevent: (.*)\r?\ndata: (.*)$/gm)].map(([, ...parts]) => parts)
  return {
    events,
    until: (count: number) => until(() => events().length >= count),
    ended: until(() => isOver || text.includes("\r\n0\r\n\r\n")),
    head: () => text
  }
})

/** A server, and the log that its watchers read. Entries up to 9 were applied before. */
const served = (kept = 100) => {
  const eventLog = new EventLog(kept, 9)
  const add = (index: number, ...events: Parameters<EventLog["add"]>[1]) => {
    eventLog.add(index, events)
    eventLog.wake()
  }
  return { add, eventLog, layer: HttpTestServer.layer({ eventLog }) }
}

describe("GET /v1/events", () => {
  it.live("says where it begins, and tells what happens from then on", () => {
    const { add, layer } = served()
    add(10, granted("old", 1))
    return Effect.gen(function*() {
      const watched = yield* watch("/v1/events")
      yield* watched.until(1)
      assert.match(watched.head(), /content-type: text\/event-stream/i)
      add(11, granted("a", 2), granted("b", 3))
      add(12, elected)
      yield* watched.until(4)
      assert.deepStrictEqual(watched.events(), [
        ["11.0", "at", "{}"],
        ["11.1", "granted", grantOf("a", 2)],
        ["11.2", "granted", grantOf("b", 3)],
        ["12.1", "leader", "{\"term\":4,\"leaderId\":\"node2\"}"]
      ])
    }).pipe(Effect.scoped, Effect.provide(layer))
  })

  it.live("tells of one prefix, and to everybody who leads", () => {
    const { add, layer } = served()
    return Effect.gen(function*() {
      const watched = yield* watch("/v1/events?prefix=jobs%2F")
      yield* watched.until(1)
      add(11, granted("a", 2), granted("jobs/a", 3), granted("jobs", 4), elected)
      yield* watched.until(3)
      assert.deepStrictEqual(watched.events().map(([id]) => id), ["10.0", "11.2", "11.4"])
    }).pipe(Effect.scoped, Effect.provide(layer))
  })

  it.live("goes on behind the last event that was heard", () => {
    const { add, layer } = served()
    add(10, granted("a", 1), granted("b", 2))
    add(11)
    add(12, granted("c", 3))
    return Effect.gen(function*() {
      const watched = yield* watch("/v1/events", { "last-event-id": "10.1" })
      yield* watched.until(3)
      assert.deepStrictEqual(watched.events().map(([id, event]) => `${id} ${event}`), [
        "10.1 at",
        "10.2 granted",
        "12.1 granted"
      ])
    }).pipe(Effect.scoped, Effect.provide(layer))
  })
})

describe("A gap in the events", () => {
  it.live("is said when what was asked for is forgotten, and the rest is told", () => {
    const { add, layer } = served(2)
    for (const index of [10, 11, 12, 13]) add(index, granted("a", index))
    return Effect.gen(function*() {
      const watched = yield* watch("/v1/events", { "last-event-id": "10.0" })
      yield* watched.until(4)
      assert.deepStrictEqual(watched.events().slice(1).map(([id, event]) => `${id} ${event}`), [
        "12.0 gap",
        "12.1 granted",
        "13.1 granted"
      ])
      assert.strictEqual(watched.events()[1]?.[2], "{\"after\":\"10.0\",\"reason\":\"forgotten\"}")
    }).pipe(Effect.scoped, Effect.provide(layer))
  })

  it.live("is said when a snapshot took the place of entries, to a watcher that is up to date as well", () => {
    const { add, eventLog, layer } = served()
    return Effect.gen(function*() {
      const watched = yield* watch("/v1/events")
      yield* watched.until(1)
      eventLog.jump(50)
      add(51, granted("a", 9))
      yield* watched.until(3)
      assert.deepStrictEqual(watched.events().slice(1).map(([id, event]) => `${id} ${event}`), [
        "51.0 gap",
        "51.1 granted"
      ])
      assert.include(watched.events()[1]?.[2], "snapshot")
    }).pipe(Effect.scoped, Effect.provide(layer))
  })

  it.live("is not there when another node was ahead: the watcher waits until this one is there too", () => {
    const { add, layer } = served()
    return Effect.gen(function*() {
      const watched = yield* watch("/v1/events", { "last-event-id": "12.1" })
      yield* watched.until(1)
      for (const index of [10, 11, 12]) add(index, granted("a", index), granted("b", index))
      yield* watched.until(2)
      assert.deepStrictEqual(watched.events().map(([id, event]) => `${id} ${event}`), ["12.1 at", "12.2 granted"])
    }).pipe(Effect.scoped, Effect.provide(layer))
  })
})

describe("A stream of events", () => {
  it.live("ends, and says why, for a watcher that has fallen behind", () => {
    const { add, eventLog, layer } = served(2)
    return Effect.gen(function*() {
      const watched = yield* watch("/v1/events")
      yield* watched.until(1)
      // More than the node keeps, before the watcher is woken.
      for (const index of [10, 11, 12, 13]) eventLog.add(index, [granted("a", index)])
      add(14)
      yield* watched.ended
      assert.deepStrictEqual(watched.events().at(-1), ["10.0", "cut-off", "{\"reason\":\"too-slow\"}"])
    }).pipe(Effect.scoped, Effect.provide(layer))
  })

  it.live("ends, and says why, when the node stops, which does not wait for it", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const server = yield* Layer.buildWithScope(served().layer, scope)
      const watched = yield* Effect.provide(watch("/v1/events"), server)
      yield* watched.until(1)
      yield* Effect.timeout(Scope.close(scope, Exit.void), "1 second")
      yield* watched.ended
      assert.deepStrictEqual(watched.events().at(-1), ["10.0", "cut-off", "{\"reason\":\"stopping\"}"])
    }))

  it.live("begins at no place that is none", () =>
    Effect.gen(function*() {
      for (const id of ["x", "1", "1.", "-1.0", "1.2.3", "01.0"]) {
        const answer = yield* send(yield* HttpTestServer.port, {
          target: "/v1/events",
          headers: { "last-event-id": id }
        })
        assert.strictEqual(answer.status, 400, id)
        assert.strictEqual(json(answer)["field"], "last-event-id")
      }
    }).pipe(Effect.provide(served().layer)))
})
