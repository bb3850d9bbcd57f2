/**
 * `holdfast run` as a user runs it, against a real node: what it ends with, that it leaves the queue when it is told
 * to, and that its command is over before anybody else is granted the lock.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import { LockClient } from "../../../src/client/LockClient.ts"
import { type Holdfast, run, runToEnd } from "../../e2e/harness/Holdfast.ts"
import { request } from "../../e2e/harness/Http.ts"
import { until } from "../../e2e/harness/Until.ts"
import { directory } from "../support/Directory.ts"
import { canLook, marked, newMark, untilMarked } from "../support/Processes.ts"
import * as RealNode from "../support/RealNode.ts"

/** For processes that share a busy machine. */
const slow = 90_000

const viewOf = (node: RealNode.RealNode["Service"], name: string) =>
  Effect.map(request("GET", `http://${node.http}/v1/locks/${name}`), ({ body }) => body)

const untilQueued = (node: RealNode.RealNode["Service"], name: string, length: number) =>
  until(
    `${length} wait for ${name}`,
    Effect.map(viewOf(node, name), (view) => view["queueLength"] === length ? true : null)
  )

/** Holds a lock until the scope closes, from this process. */
const hold = Effect.fnUntraced(function*(node: RealNode.RealNode["Service"], name: string) {
  const client = yield* Layer.build(LockClient.layerRpc({ nodes: [node.rpc], label: "the test" }))
  return yield* Context.get(client, LockClient).acquire(name)
})

const sleeper = (mark: string) => ["sh", "-c", `trap '' TERM INT; sleep ${mark} & wait; wait; sleep ${mark}`]

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })("holdfast run", (it) => {
  const started = (args: ReadonlyArray<string>, command: ReadonlyArray<string>) =>
    Effect.flatMap(RealNode.RealNode, ({ rpc }) => run(["run", `--nodes=${rpc}`, ...args, "--", ...command]))
  const ended = (args: ReadonlyArray<string>, command: ReadonlyArray<string>) =>
    Effect.flatMap(RealNode.RealNode, ({ rpc }) => runToEnd(["run", `--nodes=${rpc}`, ...args, "--", ...command]))
  const codeOf = (holdfast: Holdfast) => Effect.map(holdfast.ended, ({ code }) => code)

  it.effect("gives its command the lock and the token, and ends as it ends", () =>
    Effect.gen(function*() {
      const node = yield* RealNode.RealNode
      const said = yield* ended(["a b"], [
        "sh",
        "-c",
        `echo "$HOLDFAST_LOCK|$HOLDFAST_TOKEN|$1|$0"; exit 74`,
        "it's",
        "a 'b'"
      ])
      assert.match(said.stdout, /^a b\|[1-9]\d*\|a 'b'\|it's\n$/)
      assert.deepStrictEqual([said.code, said.stderr], [74, ""])
      assert.deepInclude(yield* viewOf(node, "a%20b"), { holders: [], queueLength: 0 })
    }), slow)

  it.effect(
    "ends with 75 when the lock is held for longer than it waits, and runs nothing",
    () =>
      Effect.gen(function*() {
        const node = yield* RealNode.RealNode
        yield* hold(node, "taken")
        const now = yield* ended(["taken", "--wait=0"], ["echo", "ran"])
        const late = yield* ended(["taken", "--wait=1s"], ["echo", "ran"])
        assert.deepInclude(now, { code: 75, stdout: "" })
        assert.match(now.stderr, /^holdfast: "taken" is held by the test \(token \d+\)\n$/)
        assert.deepInclude(late, { code: 75, stdout: "", stderr: `holdfast: "taken" was not granted in time\n` })
        assert.deepInclude(yield* viewOf(node, "taken"), { queueLength: 0 })
      }),
    slow
  )

  it.effect("leaves the queue at once when it is told to end while it waits", () =>
    Effect.gen(function*() {
      const node = yield* RealNode.RealNode
      yield* hold(node, "busy")
      const mark = newMark()
      for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
        const waits = yield* started(["busy"], ["sleep", mark])
        yield* untilQueued(node, "busy", 1)
        yield* waits.kill(signal)
        assert.strictEqual(yield* codeOf(waits), code)
        assert.deepInclude(yield* viewOf(node, "busy"), { queueLength: 0 })
      }
      assert.deepStrictEqual(marked(mark), [])
    }), slow)

  it.effect("passes signals on to all of the command, and ends as that ends", () =>
    Effect.gen(function*() {
      const mark = newMark()
      const runs = yield* started(["signalled"], ["sh", "-c", `trap 'exit 7' USR1; sleep ${mark} & wait`])
      yield* untilMarked(mark, 3)
      // Node has a use of its own for this one.
      yield* runs.kill("SIGUSR1")
      assert.strictEqual(yield* codeOf(runs), 7)
      assert.deepStrictEqual(marked(mark), [])
    }), slow)

  const isOverBeforeTheNextGrant = Effect.fnUntraced(function*(signal: "SIGKILL" | "SIGSTOP") {
    const node = yield* RealNode.RealNode
    const mark = newMark()
    const runs = yield* started([`safe-${signal}`, "--ttl=2s"], sleeper(mark))
    yield* untilMarked(mark, 3)
    yield* runs.kill(signal)
    yield* hold(node, `safe-${signal}`)
    // The command line itself has the mark in its arguments.
    assert.deepStrictEqual(marked(mark).filter(({ pid }) => pid !== runs.pid), [])
    yield* runs.kill("SIGCONT")
    return yield* codeOf(runs)
  }, Effect.scoped)

  it.effect.runIf(canLook)(
    "is over with all that it has started before the next grant, if it is killed or frozen",
    () =>
      Effect.gen(function*() {
        const codes = yield* Effect.forEach(["SIGKILL", "SIGSTOP"] as const, isOverBeforeTheNextGrant, {
          concurrency: 2
        })
        assert.deepStrictEqual(codes, [null, 74])
      })
  )
})

describe.runIf(canLook)("holdfast run without a cluster", () => {
  it.live("ends with 69 when none is there, and runs nothing", () =>
    Effect.gen(function*() {
      const said = yield* runToEnd(["run", "--nodes=127.0.0.1:9", "lock", "--", "echo", "ran"])
      assert.deepInclude(said, { code: 69, stdout: "" })
      assert.include(said.stderr, "127.0.0.1:9")
    }), slow)

  it.live("ends its command when the cluster goes away, within the TTL, and says so", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const node = yield* Scope.provide(RealNode.start(yield* directory), scope)
      const mark = newMark()
      const runs = yield* run(["run", `--nodes=${node.rpc}`, "--ttl=2s", "lock", "--", ...sleeper(mark)])
      yield* untilMarked(mark, 3)
      const from = performance.now()
      yield* Scope.close(scope, Exit.void)
      yield* untilMarked(mark, 0)
      assert.isBelow(performance.now() - from, 10_000)
      assert.strictEqual((yield* runs.ended).code, 74)
      assert.match(runs.stderr(), /the lock was lost/)
    }), slow)
})
