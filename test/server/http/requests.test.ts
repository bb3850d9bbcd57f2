/**
 * What the API accepts and what it refuses: for each request its status, and for each refusal the field it names.
 * Nothing that is refused reaches the locks.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { defaults } from "../../../src/api/Limits.ts"
import { knownSession, makeRecorder } from "./FakeLocks.ts"
import * as HttpTestServer from "./HttpTestServer.ts"
import { json, post, type Request, send } from "./RawHttp.ts"

const recorder = makeRecorder()
const server = HttpTestServer.layer({ recorder })
const live = { excludeTestServices: true }
const session = knownSession
const acquire = (body: unknown, name = "a") => post(`/v1/locks/${name}/acquire`, body)
const alone = (fields: object) => acquire({ ttlMs: 5000, ...fields })
const raw = (text: string) => acquire(text)

type Refusal = readonly [what: string, request: Request, field: string]

const names: ReadonlyArray<Refusal> = [
  ["the empty name", acquire({ ttlMs: 5000 }, ""), "name"],
  ["the empty name of a lock to look at", { target: "/v1/locks/" }, "name"],
  ["a dot", acquire({ ttlMs: 5000 }, "."), "name"],
  ["two dots", acquire({ ttlMs: 5000 }, ".."), "name"],
  ["two dots, encoded", acquire({ ttlMs: 5000 }, "%2e%2E"), "name"],
  ["NUL", acquire({ ttlMs: 5000 }, "a%00b"), "name"],
  ["a byte that is not UTF-8", acquire({ ttlMs: 5000 }, "%ff"), "name"],
  ["an overlong encoding of /", acquire({ ttlMs: 5000 }, "%c0%af"), "name"],
  ["half of a surrogate pair", acquire({ ttlMs: 5000 }, "%ed%a0%80"), "name"],
  ["a percent sign without digits", acquire({ ttlMs: 5000 }, "100%"), "name"],
  ["a percent sign before no digits", { target: "/v1/locks/%zz" }, "name"],
  ["513 bytes", acquire({ ttlMs: 5000 }, "x".repeat(513)), "name"],
  ["513 bytes in 257 characters", { target: `/v1/locks/${"%C3%A9".repeat(256)}x` }, "name"],
  ["5,000 bytes", { target: `/v1/locks/${"x".repeat(5000)}` }, "name"]
]

const numbers: ReadonlyArray<Refusal> = [
  ["ttlMs too small", acquire({ ttlMs: 999 }), "ttlMs"],
  ["ttlMs too large", acquire({ ttlMs: 86_400_001 }), "ttlMs"],
  ["ttlMs 0", acquire({ ttlMs: 0 }), "ttlMs"],
  ["ttlMs negative", acquire({ ttlMs: -5000 }), "ttlMs"],
  ["ttlMs fractional", acquire({ ttlMs: 5000.5 }), "ttlMs"],
  ["ttlMs in words", acquire({ ttlMs: "5000" }), "ttlMs"],
  ["ttlMs null", acquire({ ttlMs: null }), "ttlMs"],
  ["ttlMs 1e999", raw(`{"ttlMs":1e999}`), "ttlMs"],
  ["ttlMs as the word that stands for infinity", acquire({ ttlMs: "Infinity" }), "ttlMs"],
  ["ttlMs 1e308", raw(`{"ttlMs":1e308}`), "ttlMs"],
  ["ttlMs in an array", acquire({ ttlMs: [5000] }), "ttlMs"],
  ["no ttlMs and no session", acquire({}), "ttlMs"],
  ["ttlMs of a session too small", post("/v1/sessions", { ttlMs: 1 }), "ttlMs"],
  ["a session without ttlMs", post("/v1/sessions", {}), "ttlMs"],
  ["waitMs too large", alone({ waitMs: 3_600_001 }), "waitMs"],
  ["waitMs negative", alone({ waitMs: -1 }), "waitMs"],
  ["lockDelayMs too large", alone({ lockDelayMs: 60_001 }), "lockDelayMs"],
  ["maxHoldMs too small", alone({ maxHoldMs: 999 }), "maxHoldMs"],
  ["maxHoldMs too large", alone({ maxHoldMs: 86_400_001 }), "maxHoldMs"],
  ["permits 0", alone({ permits: 0 }), "permits"],
  ["permits too many", alone({ permits: 10_001 }), "permits"],
  ["shared with permits", alone({ mode: "shared", permits: 2 }), "permits"],
  ["shared with permits in a session", acquire({ session, mode: "shared", permits: 2 }), "permits"],
  ["seq negative", alone({ seq: -1 }), "seq"],
  ["seq of 2^53", alone({ seq: 2 ** 53 }), "seq"],
  ["seqDone fractional", alone({ seqDone: 0.5 }), "seqDone"],
  ["token 0", post("/v1/locks/a/release", { session, token: 0 }), "token"],
  ["token missing", post("/v1/locks/a/release", { session }), "token"],
  ["token of 2^53", post("/v1/locks/a/check", { token: 2 ** 53 }), "token"],
  ["token in words", post("/v1/locks/a/check", { token: "7" }), "token"]
]

const texts: ReadonlyArray<Refusal> = [
  ["a mode that is none", alone({ mode: "EXCLUSIVE" }), "mode"],
  ["label too long", alone({ label: "x".repeat(129) }), "label"],
  ["label too long in bytes", alone({ label: "é".repeat(65) }), "label"],
  ["label a number", alone({ label: 1 }), "label"],
  ["label with half of a surrogate pair", raw(`{"ttlMs":5000,"label":"\\ud800"}`), "label"],
  ["owner too long", alone({ owner: "x".repeat(129) }), "owner"],
  ["value too long", alone({ value: "x".repeat(4097) }), "value"],
  ["value an object", alone({ value: {} }), "value"],
  ["session a number", acquire({ session: 1, ttlMs: 5000 }), "session"],
  ["session null", acquire({ session: null, ttlMs: 5000 }), "session"],
  ["a release without a session", post("/v1/locks/a/release", { token: 7 }), "session"],
  ["a field that does not exist", alone({ maxholdMs: 5000 }), "maxholdMs"],
  ["a field that does not exist, with a session", acquire({ session, foo: 1 }), "foo"],
  ["__proto__", raw(`{"ttlMs":5000,"__proto__":{"waitMs":5}}`), "__proto__"],
  ["constructor", alone({ constructor: 1 }), "constructor"]
]

const bodies: ReadonlyArray<Refusal> = [
  ["no body", raw(""), "body"],
  ["no JSON", raw("ttlMs=5000"), "body"],
  ["half of a JSON", raw(`{"ttlMs":50`), "body"],
  ["an array", raw("[]"), "body"],
  ["null", raw("null"), "body"],
  ["a string", raw(`"ttlMs"`), "body"],
  ["10,000 arrays in one another", raw("[".repeat(10_000) + "]".repeat(10_000)), "body"],
  ["bytes that are not UTF-8", acquire(Buffer.from(`{"ttlMs":5000,"owner":"\xff"}`, "latin1")), "body"],
  ["UTF-16", acquire(Buffer.from(`{"ttlMs":5000}`, "utf16le")), "body"]
]

const queries: ReadonlyArray<Refusal> = [
  ["a limit of 0", { target: "/v1/locks?limit=0" }, "limit"],
  ["a limit too large", { target: "/v1/locks?limit=1001" }, "limit"],
  ["a limit in words", { target: "/v1/sessions?limit=ten" }, "limit"],
  ["an empty limit", { target: "/v1/locks?limit=" }, "limit"],
  ["two limits", { target: "/v1/locks?limit=1&limit=2" }, "limit"],
  ["a prefix too long", { target: `/v1/locks?prefix=${"x".repeat(513)}` }, "prefix"],
  ["a prefix that is not UTF-8", { target: "/v1/locks?prefix=%ff" }, "prefix"],
  ["a cursor that is no base64url", { target: "/v1/locks?cursor=%21" }, "cursor"],
  ["a cursor that holds no UTF-8", { target: "/v1/locks?cursor=_w" }, "cursor"],
  ["a cursor of the other list", { target: "/v1/sessions?cursor=YQ" }, "cursor"],
  ["a consistency that is none", { target: "/v1/locks/a?consistency=eventual" }, "consistency"],
  ["a misspelt consistency", { target: "/v1/locks/a?consistancy=stale" }, "consistancy"],
  ["a field of another list", { target: "/v1/sessions?prefix=a" }, "prefix"],
  ["a field of the body in the query", post("/v1/locks/a/acquire?waitMs=5000", { ttlMs: 5000 }), "waitMs"],
  ["a session to end with a query", { method: "DELETE", target: `/v1/sessions/${session}?force` }, "force"],
  ["a query field without a name", { target: "/v1/locks?=1" }, ""]
]

layer(server, live)("A request that is refused never reaches the locks", (it) => {
  it.effect.each([...names, ...numbers, ...texts, ...bodies, ...queries])(
    "%s",
    ([, request, field]) =>
      Effect.gen(function*() {
        recorder.calls.length = 0
        const answer = yield* send(yield* HttpTestServer.port, request)
        assert.strictEqual(answer.status, 400, answer.body)
        assert.strictEqual(answer.headers["content-type"], "application/problem+json")
        assert.include(json(answer), { type: "/problems/invalid-request", status: 400, field })
        assert.include(json(answer)["detail"] as string, `\`${field}\``)
        assert.deepStrictEqual(recorder.calls, [])
      })
  )
})

layer(server, live)("A body that is none is told from one that is missing and one that is something else", (it) => {
  it.effect.each<readonly [body: string, detail: string]>([
    ["", "`body` is missing, and must be a JSON object."],
    [`{"ttlMs":50`, "`body` is no JSON, and must be a JSON object."],
    ["ttlMs=5000", "`body` is no JSON, and must be a JSON object."],
    ["[]", "`body` is JSON of another kind, and must be a JSON object."],
    ["5000", "`body` is JSON of another kind, and must be a JSON object."]
  ])("%s", ([body, detail]) =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      for (const target of ["/v1/sessions", "/v1/locks/a/acquire", "/v1/locks/a/release", "/cluster/members"]) {
        assert.strictEqual(json(yield* send(port, post(target, body)))["detail"], detail, target)
      }
    }))
})

const accepted: ReadonlyArray<readonly [encoded: string, name: string]> = [
  ["a", "a"],
  ["A", "A"],
  ["a%2Fb", "a/b"],
  ["%2F", "/"],
  ["...", "..."],
  ["a%2F..%2Fb", "a/../b"],
  ["a%20b+c", "a b+c"],
  ["a;b", "a;b"],
  ["a#b", "a#b"],
  ["a;b%3Bc%23d%3Fe", "a;b;c#d?e"],
  ["%25", "%"],
  ["%2525", "%25"],
  ["%252F", "%2F"],
  ["%F0%9F%94%92", "🔒"],
  ["e%CC%81", "e\u0301"],
  ["%C3%A9", "\u00e9"],
  ["acquire", "acquire"],
  ["__proto__", "__proto__"],
  ["undefined", "undefined"],
  ["%EF%BB%BFa", "\ufeffa"],
  ["x".repeat(512), "x".repeat(512)],
  ["%F0%9F%94%92".repeat(128), "🔒".repeat(128)]
]

layer(server, live)("The name of a lock is taken as it is given", (it) => {
  it.effect.each(accepted)("%s", ([encoded, name]) =>
    Effect.gen(function*() {
      recorder.calls.length = 0
      const port = yield* HttpTestServer.port
      const looked = yield* send(port, { target: `/v1/locks/${encoded}` })
      assert.strictEqual(looked.status, 200, looked.body)
      assert.strictEqual(json(looked)["name"], name)
      const granted = yield* send(port, acquire({ ttlMs: 5000 }, encoded))
      assert.strictEqual(granted.status, 200, granted.body)
      assert.deepStrictEqual(recorder.calls.map(([operation, asked]) => [operation, asked]), [
        ["get", name],
        ["acquire", name]
      ])
    }))
})

layer(server, live)("A request is handed on", (it) => {
  it.effect("with what may be left out filled in", () =>
    Effect.gen(function*() {
      recorder.calls.length = 0
      const port = yield* HttpTestServer.port
      yield* send(port, acquire({ ttlMs: 5000 }))
      yield* send(port, { target: "/v1/locks" })
      yield* send(port, { target: "/v1/sessions" })
      yield* send(port, { target: "/v1/locks/a" })
      const page = { limit: defaults.pageLengthDefault, consistency: "linearizable" }
      assert.deepStrictEqual(recorder.calls, [
        ["acquire", "a", {
          ttlMs: 5000,
          label: "",
          owner: "",
          mode: "exclusive",
          permits: 1,
          waitMs: 0,
          lockDelayMs: 0
        }],
        ["list", page],
        ["sessions", page],
        ["get", "a", "linearizable"]
      ])
    }))

  it.effect("with everything that was said", () =>
    Effect.gen(function*() {
      recorder.calls.length = 0
      const port = yield* HttpTestServer.port
      const said = {
        owner: "o",
        mode: "exclusive",
        permits: 10_000,
        waitMs: 0,
        lockDelayMs: 60_000,
        maxHoldMs: 86_400_000,
        value: "é".repeat(2048),
        seq: Number.MAX_SAFE_INTEGER,
        seqDone: 0
      }
      yield* send(port, acquire({ ttlMs: 86_400_000, label: "x".repeat(128), ...said }))
      yield* send(port, { target: "/v1/locks?prefix=a%2F+b&limit=1000&cursor=w6kvYg&consistency=stale" })
      yield* send(port, post("/v1/locks/a/release", { session, owner: "o", token: 7, seq: 2, seqDone: 1 }))
      const [acquired, listed, released] = recorder.calls
      assert.deepStrictEqual(acquired, ["acquire", "a", { ttlMs: 86_400_000, label: "x".repeat(128), ...said }])
      assert.deepStrictEqual(listed, ["list", { prefix: "a/ b", limit: 1000, cursor: "é/b", consistency: "stale" }])
      const release = { session: Redacted.make(session), owner: "o", token: 7, seq: 2, seqDone: 1 }
      assert.deepEqual(released, ["release", "a", release])
    }))
})

layer(server, live)("A request may", (it) => {
  it.effect("have any ttlMs and label in a session, which has its own", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const answer = yield* send(port, acquire({ session, ttlMs: -1, label: { not: "text" } }))
      assert.strictEqual(answer.status, 200, answer.body)
    }))

  it.effect("say a field twice, and the last one counts, as in JSON.parse", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const answer = yield* send(port, raw(`{"ttlMs":5000,"owner":"one","owner":"two"}`))
      assert.strictEqual(json(answer)["owner"], "two")
    }))

  it.effect("have a malformed session id, which is answered like an unknown one", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      for (const id of ["unknown", "%ff", "%00", "..", "", "x".repeat(9000)]) {
        const renewed = yield* send(port, { method: "POST", target: `/v1/sessions/${id}/renew` })
        assert.strictEqual(renewed.status, 404, id)
        assert.strictEqual(json(renewed)["type"], "/problems/session-expired", id)
        const ended = yield* send(port, { method: "DELETE", target: `/v1/sessions/${id}` })
        assert.strictEqual(ended.status, 204, id)
        assert.strictEqual(ended.body, "", id)
      }
    }))
})
