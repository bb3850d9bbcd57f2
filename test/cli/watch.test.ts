/**
 * `holdfast watch` against a real node, and its way from a node that is lost to the next one.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Schedule, Scope } from "effect"
import { TestConsole } from "effect/testing"
import { stripVTControlCharacters } from "node:util"
import { run } from "../../src/cli/commands/Holdfast.ts"
import { type Watched, watchEvents } from "../../src/client/Watching.ts"
import { EventLog } from "../../src/node/EventLog.ts"
import { Term } from "../../src/raft/Entry.ts"
import { json, post, send, until } from "../server/http/RawHttp.ts"
import * as RpcTestServer from "../server/rpc/RpcTestServer.ts"
import * as RealNode from "./support/RealNode.ts"

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })("holdfast watch", (it) => {
  const printed = Effect.map(
    TestConsole.logLines,
    (lines) => lines.map((line) => stripVTControlCharacters(String(line)))
  )

  const hasPrinted = (count: number) =>
    Effect.repeat(printed, { until: ({ length }) => length >= count, schedule: Schedule.spaced("5 millis") })

  /** A script hears of nothing but events, and of the place where they begin; a person hears which node it is. */
  const hasBegun = Effect.all([TestConsole.errorLines, printed]).pipe(
    Effect.repeat({ until: (said) => said.flat().length > 0, schedule: Schedule.spaced("5 millis") })
  )

  /** What it prints while two locks are acquired and one of them is released. */
  const watch = Effect.fnUntraced(function*(count: number, ...args: ReadonlyArray<string>) {
    const { http, rpc } = yield* RealNode.RealNode
    const ask = (target: string, body: object) => send(Number(http.split(":")[1]), post(target, body))
    const watching = yield* Effect.forkChild(run(["watch", ...args, `--nodes=${rpc}`]))
    yield* hasBegun
    yield* ask(`/v1/locks/jobs%2F${count}/acquire`, { ttlMs: 5000, label: "ann" })
    const { session, token } = json(yield* ask("/v1/locks/door/acquire", { ttlMs: 5000, label: "bob", owner: "x" }))
    yield* ask("/v1/locks/door/release", { session, token })
    const lines = yield* hasPrinted(count)
    yield* Fiber.interrupt(watching)
    return lines
  }, Effect.provide(TestConsole.layer, { local: true }))

  it.effect("prints a line for each event of the locks whose names begin so", () =>
    Effect.gen(function*() {
      const lines = yield* watch(2, "doo")
      assert.match(
        lines[0] ?? "",
        /^\d+\.\d +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}granted +door {2}bob\/x {2}token \d+ {2}waited 0ms$/
      )
      assert.match(
        lines[1] ?? "",
        /^\d+\.\d +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}released +door {2}bob\/x {2}token \d+ {2}held \d+ms$/
      )
    }))

  it.effect("prints what others have written in the line of its event", () =>
    Effect.gen(function*() {
      const { http, rpc } = yield* RealNode.RealNode
      const watching = yield* Effect.forkChild(run(["watch", `--nodes=${rpc}`]))
      yield* hasBegun
      const body = { ttlMs: 5000, label: "ann\r\u001b[2K1.1" }
      yield* send(Number(http.split(":")[1]), post("/v1/locks/odd%0A1.1%20granted/acquire", body))
      const [line = ""] = yield* hasPrinted(1)
      yield* Fiber.interrupt(watching)
      assert.include(line, String.raw`granted  odd\n1.1 granted  ann\u000d\u001b[2K1.1  token`)
    }).pipe(Effect.provide(TestConsole.layer, { local: true })))

  it.effect("prints JSON lines for scripts, with the ids of the events", () =>
    Effect.gen(function*() {
      const events = (yield* watch(4, "--json")).map((line) => JSON.parse(line))
      assert.deepStrictEqual(events.map(({ event, name = "" }) => `${event} ${name}`.trim()), [
        "at",
        "granted jobs/4",
        "granted door",
        "released door"
      ])
      for (const { id } of events) assert.match(id, /^\d+\.\d+$/)
    }))
})

describe("A watcher whose node is lost", () => {
  /** A node with events of its own; closing its scope stops it. */
  const node = Effect.gen(function*() {
    const scope = yield* Scope.make()
    const eventLog = new EventLog(100, 0)
    const built = yield* Layer.buildWithScope(RpcTestServer.layer({ eventLog }), scope)
    const port = yield* Effect.provide(RpcTestServer.port, built)
    const elect = (index: number) => {
      eventLog.add(index, [{ kind: "leader", term: Term.make(index), leaderId: null }])
      eventLog.wake()
    }
    return { address: { host: "127.0.0.1", port }, elect, stop: Scope.close(scope, Exit.void) }
  })

  it.live("goes on at the next one, behind what it has heard", () =>
    Effect.gen(function*() {
      const [first, second] = yield* Effect.all([node, node])
      const told: Array<Watched> = []
      const watching = yield* Effect.forkChild(watchEvents({
        nodes: [first.address, second.address],
        prefix: "",
        tell: (watched) => Effect.sync(() => void told.push(watched))
      }))
      yield* until(() => told.length === 2)
      for (const { elect } of [first, second]) elect(1)
      for (const { elect } of [first, second]) elect(2)
      yield* until(() => told.length === 4)
      yield* first.stop
      second.elect(3)
      yield* until(() => told.some((one) => one.event === "leader" && one.data.term === 3))
      yield* Fiber.interrupt(watching)
      const words = told.map((one) => one.event === "leader" ? `term ${one.data.term}` : one.event)
      assert.deepStrictEqual(words, [
        "watching",
        "at",
        "term 1",
        "term 2",
        "cut-off",
        "lost",
        "watching",
        "at",
        "term 3"
      ])
      yield* second.stop
    }))

  it.live("does not begin where no node answers", () =>
    Effect.gen(function*() {
      const { address, stop } = yield* node
      yield* stop
      const error = yield* Effect.flip(watchEvents({ nodes: [address], prefix: "", tell: () => Effect.void }))
      assert.strictEqual(error._tag, "NoNodeAnswers")
    }))
})
