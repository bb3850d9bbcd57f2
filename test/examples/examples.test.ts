/**
 * The examples against a real node, each as several hosts would run it: the cron job runs once, one worker leads at a
 * time, and no two of the others overlap.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { directory } from "../cli/support/Directory.ts"
import * as RealNode from "../cli/support/RealNode.ts"
import { until } from "../e2e/harness/Until.ts"
import { runExample, startExample } from "./running.ts"

/** For processes that share a busy machine. */
const slow = 90_000

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })("The example of", (it) => {
  const env = Effect.map(RealNode.RealNode, ({ rpc }) => ({ HOLDFAST_NODES: rpc }))

  it.effect("a cron job on three hosts runs once", () =>
    Effect.gen(function*() {
      const place = yield* directory
      const [log, go] = [join(place, "log"), join(place, "go")]
      // It takes as long as the others need to look.
      const job = `echo "ran with $HOLDFAST_TOKEN" >> '${log}'; until [ -e '${go}' ]; do sleep 0.1; done`
      const surroundings = { ...yield* env, KEEP: "0" }
      const host = runExample("cron.sh", surroundings, ["report", "sh", "-c", job])
      const hosts = yield* Effect.forEach([1, 2, 3], () => Effect.forkChild(host))
      const isOver = (fiber: Fiber.Fiber<unknown, unknown>) => fiber.pollUnsafe() !== undefined
      yield* until("two are over", Effect.sync(() => hosts.filter(isOver).length === 2 ? true : null), 60_000)
      writeFileSync(go, "")
      const ends = yield* Fiber.joinAll(hosts)
      assert.deepStrictEqual(ends.map(({ code }) => code), [0, 0, 0], JSON.stringify(ends))
      assert.match(readFileSync(log, "utf8"), /^ran with \d+\n$/)
      const failing = yield* runExample("cron.sh", surroundings, ["other", "sh", "-c", "exit 5"])
      assert.strictEqual(failing.code, 5)
    }), slow)

  it.effect("a shell script and of an Effect service are never done by two at a time", () =>
    Effect.gen(function*() {
      const ends = yield* Effect.all(
        ["a", "b"].map((each) =>
          Effect.flatMap(env, (nodes) => runExample("deploy.sh", { ...nodes, TAKES: "0.3" }, [each]))
        ),
        { concurrency: 2 }
      )
      const tokens = ends.map((said) => {
        assert.strictEqual(said.code, 0, said.stderr)
        return /^deploying (a|b), with token (\d+)\ndeployed \1\n$/.exec(said.stdout)?.[2]
      })
      assert.isDefined(tokens[0])
      assert.notStrictEqual(tokens[0], tokens[1])
      const { code, stderr, stdout } = yield* runExample("effect-service.ts", yield* env, ["ann"])
      assert.strictEqual(code, 0, stderr)
      assert.match(stdout, /^ann begins 2026-01-31 with token \d+\nann has published 2026-01-31\n$/)
    }), slow)

  it.effect(
    "workers has one leader, another when that one resigns, and another when it dies",
    () =>
      Effect.gen(function*() {
        const workers = yield* Effect.forEach(
          ["a", "b", "c", "d"],
          (name) => Effect.flatMap(env, (nodes) => startExample("worker.ts", nodes, [name]))
        )
        const another = (but: ReadonlyArray<unknown>) =>
          until(
            "another of them leads",
            Effect.sync(() => workers.find((each) => !but.includes(each) && / leads, /.test(each.stdout())) ?? null)
          )
        const first = yield* another([])
        const standby = workers.find((each) => each !== first)!
        const { http } = yield* RealNode.RealNode
        const isWaitedFor = Effect.promise(async () => {
          const lock = await (await fetch(`http://${http}/v1/locks/reports`)).json() as { readonly queueLength: number }
          return lock.queueLength === 3 ? true : null
        })
        yield* until("the others stand by", isWaitedFor)
        yield* standby.kill("SIGTERM")
        yield* until("one that stood by ends when it is told to", Effect.sync(standby.code))
        assert.deepStrictEqual([standby.code(), standby.stdout()], [0, ""])
        yield* first.kill("SIGTERM")
        const second = yield* another([first])
        assert.match(first.stdout(), /resigns/)
        yield* second.kill("SIGKILL")
        yield* another([first, second])
        const led = workers.filter((each) => each !== standby)
        const tokens = led.map(({ stdout }) => Number(/token (\d+)/.exec(stdout())?.[1]))
        assert.strictEqual(new Set(tokens).size, 3, `${tokens}`)
      }),
    slow
  )
})
