/**
 * What Prometheus and Grafana are given: a node's metrics as promtool wants them, alert rules that fire when they
 * should and not before, and nothing that names a metric which no node has.
 *
 * promtool comes with Debian's package `prometheus`. Where it is not installed, its own checks are left out.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as RealNode from "../cli/support/RealNode.ts"
import { post, send } from "../server/http/RawHttp.ts"

const deploy = join(import.meta.dirname, "../../deploy")

const promtool = (args: ReadonlyArray<string>, input = "") => {
  const { error, status, stderr, stdout } = spawnSync("promtool", args, { input, encoding: "utf8" })
  return { isMissing: error !== undefined, said: `${stdout}${stderr}`.trim(), status }
}

const isMissing = promtool(["--version"]).isMissing
const whyNot = isMissing ? " (left out: there is no promtool; Debian has it in the package prometheus)" : ""

/** Names of metrics in queries, with histograms by their own name. */
const namesIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(/holdfast_\w+/g)].map(([name]) => name.replace(/_bucket$/, "")))

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })("The metrics of a node", (it) => {
  const ask = (request: Parameters<typeof send>[1]) =>
    Effect.flatMap(RealNode.RealNode, ({ http }) => send(Number(http.split(":")[1]), request))

  const scrape = Effect.gen(function*() {
    yield* ask(post("/v1/locks/a/acquire", { ttlMs: 5000 }))
    yield* ask(post("/v1/locks/a/acquire", { ttlMs: 5000 }))
    yield* ask(post("/v1/locks/a/check", { token: 99 }))
    return yield* ask({ target: "/metrics" })
  })

  it.effect.skipIf(isMissing)(`are what promtool wants${whyNot}`, () =>
    Effect.gen(function*() {
      const { body, headers, status } = yield* scrape
      assert.strictEqual(status, 200)
      assert.strictEqual(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
      assert.deepInclude(promtool(["check", "metrics"], body), { said: "", status: 0 })
    }))

  it.effect("count what has happened", () =>
    Effect.gen(function*() {
      const before = valuesOf((yield* scrape).body)
      const after = valuesOf((yield* scrape).body)
      const rose = (series: string) => (after.get(series) ?? NaN) - (before.get(series) ?? NaN)
      assert.strictEqual(after.get("holdfast_locks_held"), 1)
      assert.strictEqual(after.get("holdfast_lock_grants_total"), 1)
      assert.strictEqual(rose("holdfast_fencing_rejections_total"), 1)
      const refused = `{method="POST",route="/v1/locks/:name/acquire",status="409"}`
      assert.strictEqual(rose(`holdfast_http_requests_total${refused}`), 2)
      assert.isAbove(rose("holdfast_log_append_duration_seconds_count"), 0)
      assert.isAbove(rose("holdfast_raft_commit_duration_seconds_count"), 0)
    }))

  it.effect("name no lock, no session and no label of a client", () =>
    Effect.gen(function*() {
      yield* ask(post("/v1/locks/very-secret/acquire", { ttlMs: 5000, label: "very-secret" }))
      yield* ask({ target: "/v1/sessions/very-secret/renew", method: "POST" })
      yield* ask({ target: "/very-secret" })
      assert.notInclude((yield* scrape).body, "very-secret")
    }))

  it.effect("have all that the alerts and the dashboard ask for", () =>
    Effect.gen(function*() {
      const { body } = yield* scrape
      const had = new Set([...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
      // What a node has only with peers, or only as a process of its own.
      const elsewhere = [/^holdfast_raft_peer_linked$/, /^holdfast_raft_follower_lag_entries$/, /^holdfast_process_/]
      for (const file of ["prometheus/alerts.yml", "prometheus/alerts.test.yml", "grafana/holdfast.json"]) {
        const asked = [...namesIn(readFileSync(join(deploy, file), "utf8"))]
        assert.isAbove(asked.length, 3, file)
        const missing = asked.filter((name) => !had.has(name) && !elsewhere.some((pattern) => pattern.test(name)))
        assert.deepStrictEqual(missing, [], file)
      }
    }))
})

const valuesOf = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
      const space = line.lastIndexOf(" ")
      return [line.slice(0, space), Number(line.slice(space + 1))]
    })
  )

describe.skipIf(isMissing)(`The alert rules${whyNot}`, () => {
  const rules = (...args: ReadonlyArray<string>) => promtool(args.map((arg) => arg.replace("deploy", deploy)))

  it("are valid", () => {
    assert.strictEqual(rules("check", "rules", "deploy/prometheus/alerts.yml").status, 0)
    assert.strictEqual(rules("check", "config", "deploy/prometheus/prometheus.yml").status, 0)
  })

  it("fire when they should, and not before", () => {
    const { said, status } = rules("test", "rules", "deploy/prometheus/alerts.test.yml")
    assert.strictEqual(status, 0, said)
  })
})

describe("The dashboard", () => {
  it("is one that Grafana can load", () => {
    const { panels, templating } = JSON.parse(readFileSync(join(deploy, "grafana/holdfast.json"), "utf8"))
    const ids = panels.map(({ id }: { readonly id: number }) => id)
    assert.strictEqual(new Set(ids).size, ids.length)
    assert.deepStrictEqual(templating.list.map(({ name }: { readonly name: string }) => name), [
      "datasource",
      "job",
      "instance"
    ])
  })
})
