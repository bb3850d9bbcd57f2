/** The dashboard's files: all of them are there, and nothing else is; and the page may run nothing but them. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import * as HttpTestServer from "./HttpTestServer.ts"
import { json, post, send } from "./RawHttp.ts"

const sources = readdirSync(join(import.meta.dirname, "../../../src/dashboard")).filter((file) => file !== "index.html")

layer(HttpTestServer.layer(), { excludeTestServices: true })("The dashboard", (it) => {
  const get = (target: string) => Effect.flatMap(HttpTestServer.port, (port) => send(port, { target }))

  it.effect("is a page that runs only what the node serves", () =>
    Effect.gen(function*() {
      const { body, headers, status } = yield* get("/")
      assert.strictEqual(status, 200)
      const [, map = ""] = /<script type="importmap">(.*?)<\/script>/.exec(body) ?? []
      const hash = createHash("sha256").update(map).digest("base64")
      assert.include(headers["content-security-policy"], `script-src 'self' 'sha256-${hash}'; style-src 'self'`)
      assert.notMatch(body, /https?:\/\/(?!www\.w3\.org)/)
      for (const path of Object.values<string>(JSON.parse(map).imports)) {
        const file = yield* get(path)
        assert.strictEqual(file.status, 200, path)
        assert.include(file.headers["content-type"], "text/javascript")
      }
    }))

  it.effect("has all of its files, and serves nothing else", () =>
    Effect.gen(function*() {
      assert.isAbove(sources.length, 10)
      for (const file of sources) {
        const { body, status } = yield* get(`/ui/${file}`)
        assert.strictEqual(status, 200, file)
        for (const [, path] of body.matchAll(/from "\.\/(.*?)"/g)) assert.include(sources, path)
      }
      const icon = yield* get("/favicon.ico")
      assert.deepStrictEqual([icon.status, icon.headers["content-type"]], [200, "image/svg+xml"])
      for (
        const path of ["/ui/index.html", "/ui/..%2Fapi%2FApi.ts", "/ui/vendor/package.json", "/ui/", "/ui/nothing.js"]
      ) {
        assert.strictEqual((yield* get(path)).status, 404, path)
      }
    }))

  it.effect("can break nothing on a node that `holdfast dev` does not run", () =>
    Effect.gen(function*() {
      assert.include((yield* get("/")).body, `<meta name="holdfast-dev" content="false">`)
      const port = yield* HttpTestServer.port
      const requests = [["/dev/nodes", { nodeId: "node1", action: "kill" }], ["/dev/cut", {
        peer: "node2",
        cut: true
      }]] as const
      for (const [target, body] of requests) {
        const answer = yield* send(port, post(target, body))
        assert.strictEqual(json(answer)["type"], "/problems/not-found")
      }
      assert.strictEqual((yield* get("/dev/state")).status, 404)
    }))

  it.effect("leads to the API to read, which asks nobody but the node", () =>
    Effect.gen(function*() {
      const { body, headers, status } = yield* get("/docs")
      assert.strictEqual(status, 200)
      assert.include(headers["content-security-policy"], "default-src 'self'")
      assert.include(body, "/v1/locks/{name}/acquire")
      assert.match(body, /<body><p[^>]*><a href="\/">Back to the dashboard<\/a>/)
      assert.notMatch(body, /<(script|link)[^>]+(src|href)="https?:/)
      assert.strictEqual((yield* get("/docs")).body.length, body.length)
    }))

  it.effect("shows all nodes through the one that serves it", () =>
    Effect.gen(function*() {
      const { nodes } = json(yield* get("/cluster/overview")) as { nodes: ReadonlyArray<object> }
      assert.lengthOf(nodes, 2)
      assert.deepInclude(nodes[1], { nodeId: "node2", view: null, silence: "has not connected yet" })
      assert.deepInclude(json(yield* get("/cluster/view")), { nodeId: "node1", heldCount: 2 })
    }))
})
