/**
 * What an operator does over HTTP: looks at the members, changes them one at a time, hands the leadership over, and
 * takes snapshots. Each way in which a change can be refused is a problem of its own.
 */
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { problems, SnapshotFailed } from "../../../src/api/Problems.ts"
import { adminOutcomes, makeAdminRecorder } from "../FakeAdmin.ts"
import * as HttpTestServer from "./HttpTestServer.ts"
import { exchange, json, post, type Request, send } from "./RawHttp.ts"

const live = { excludeTestServices: true }
const adminRecorder = makeAdminRecorder()
const server = HttpTestServer.layer({ adminRecorder })

const add = (nodeId: unknown, raft: unknown = "127.0.0.1:9084") => post("/cluster/members", { nodeId, raft })
const remove = (id: string): Request => ({ method: "DELETE", target: `/cluster/members/${id}` })
const transfer = (to: unknown) => post("/cluster/leader/transfer", { to })

layer(HttpTestServer.layer(), live)("An operator", (it) => {
  it.effect("adds a node, sees it, and removes it", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const members = Effect.map(send(port, { target: "/cluster/members" }), json)
      const before = yield* members
      assert.deepStrictEqual(before["leaderId"], "node2")
      assert.lengthOf(before["members"] as [], 3)
      const added = yield* send(port, add("node4"))
      assert.deepStrictEqual([added.status, json(added)], [202, { nodeId: "node4", raft: "127.0.0.1:9084" }])
      assert.deepInclude((yield* members)["members"] as Array<object>, {
        nodeId: "node4",
        raft: "127.0.0.1:9084",
        http: "",
        rpc: null,
        voter: false,
        self: false
      })
      const removed = yield* send(port, remove("node4"))
      assert.deepStrictEqual([removed.status, json(removed)], [200, { removed: true }])
      assert.deepStrictEqual(yield* members, before)
    }))

  it.effect("hands the leadership over, to a node by name and to any", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const toOne = yield* send(port, transfer("node1"))
      assert.deepStrictEqual([toOne.status, json(toOne)], [200, { leaderId: "node1", term: 5 }])
      for (const body of ["{}", "null", ""]) {
        const toAny = yield* send(port, post("/cluster/leader/transfer", body))
        assert.include(json(toAny), { leaderId: "node3" }, body)
      }
      const bare = yield* send(port, { method: "POST", target: "/cluster/leader/transfer" })
      assert.strictEqual(bare.status, 200)
    }))

  it.effect("takes a snapshot, and fetches one", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const taken = yield* send(port, { method: "POST", target: "/cluster/snapshot" })
      assert.deepStrictEqual([taken.status, json(taken)], [200, { index: 10, bytes: 10 }])
      const fetched = yield* Effect.promise(() => fetch(`http://127.0.0.1:${port}/cluster/snapshot`))
      assert.strictEqual(fetched.headers.get("content-type"), "application/octet-stream")
      assert.strictEqual(yield* Effect.promise(() => fetched.text()), "a snapshot")
    }))
})

type Problem = readonly [what: string, request: Request, slug: keyof typeof problems, fields: object]

const changes = ["change-in-progress", "no-leader", "overloaded", "outcome-unknown"] as const
const refusals = {
  add: ["already-member", "address-in-use"],
  remove: ["last-voter"],
  transfer: ["not-a-voter", "unreachable"]
} as const
const requests = { add, remove, transfer }

const failures: ReadonlyArray<Problem> = (["add", "remove", "transfer"] as const).flatMap((name) => [
  ...changes.map((slug): Problem => [`${name}: ${slug}`, requests[name](slug), slug, {}]),
  ...refusals[name].map((reason): Problem => [
    `${name}: ${reason}`,
    requests[name](reason),
    "change-refused",
    { reason }
  ])
])

layer(server, live)("A change that is not made", (it) => {
  const unknown: ReadonlyArray<Problem> = [
    ["remove: nobody", remove("node9"), "not-found", { detail: "No node9." }],
    ["transfer: to nobody", transfer("node9"), "not-found", { detail: "No node9." }]
  ]

  it.effect.each([...failures, ...unknown])(
    "is a problem that says why, %s",
    ([, request, slug, fields]) =>
      Effect.gen(function*() {
        const answer = yield* send(yield* HttpTestServer.port, request)
        assert.strictEqual(answer.headers["content-type"], "application/problem+json", answer.body)
        assert.strictEqual(answer.status, problems[slug].status)
        assert.deepInclude(json(answer), { type: `/problems/${slug}`, ...fields })
      })
  )

  it.effect("has an example of each outcome above", () =>
    Effect.sync(() => {
      const shown = failures.map(([, , slug, fields]) => "reason" in fields ? fields.reason : slug)
      assert.sameMembers([...new Set(shown)], Object.keys(adminOutcomes))
    }))
})

const invalid: ReadonlyArray<readonly [what: string, request: Request, field: string]> = [
  ["no name", post("/cluster/members", { raft: "127.0.0.1:9084" }), "nodeId"],
  ["an empty name", add(""), "nodeId"],
  ["a name with a space", add("node 4"), "nodeId"],
  ["a name that begins with a dash", add("-node"), "nodeId"],
  ["a name too long", add("x".repeat(65)), "nodeId"],
  ["no address", post("/cluster/members", { nodeId: "node4" }), "raft"],
  ["an address without a port", add("node4", "127.0.0.1"), "raft"],
  ["an address with port 0", add("node4", "127.0.0.1:0"), "raft"],
  ["an address with a port too high", add("node4", "127.0.0.1:65536"), "raft"],
  ["an address with a path", add("node4", "http://127.0.0.1:9084"), "raft"],
  ["an IPv6 address without brackets", add("node4", "::1:9084"), "raft"],
  ["an address that is a number", add("node4", 9084), "raft"],
  ["a field that does not exist", post("/cluster/members", { nodeId: "a", raft: "a:1", voter: true }), "voter"],
  ["a removal of a name that is none", remove("-"), "id"],
  ["a removal of no name", remove(""), "id"],
  ["a transfer to a name that is none", transfer("%"), "to"],
  ["a transfer to a number", transfer(3), "to"],
  ["a transfer with a field that does not exist", post("/cluster/leader/transfer", { nodeId: "node1" }), "nodeId"],
  ["a transfer that is a list", post("/cluster/leader/transfer", []), "body"],
  ["a transfer to a node in the query", post("/cluster/leader/transfer?to=node1", {}), "to"],
  ["a removal with a query", remove("node1?force=true"), "force"],
  ["a snapshot with a query", { method: "POST", target: "/cluster/snapshot?file=a" }, "file"],
  ["a look with a query", { target: "/cluster/members?node=node1" }, "node"]
]

layer(server, live)("A change that is no change", (it) => {
  it.effect.each(invalid)("%s", ([, request, field]) =>
    Effect.gen(function*() {
      adminRecorder.changes.length = 0
      const answer = yield* send(yield* HttpTestServer.port, request)
      assert.strictEqual(answer.status, 400, answer.body)
      assert.deepInclude(json(answer), { type: "/problems/invalid-request", field })
      assert.include(json(answer)["detail"] as string, `\`${field}\``)
      assert.deepStrictEqual(adminRecorder.changes, [])
    }))

  it.effect("has a body of bounded length, in JSON", () =>
    Effect.gen(function*() {
      adminRecorder.changes.length = 0
      const port = yield* HttpTestServer.port
      const long = `{"nodeId":"${"x".repeat(65_536)}"}`
      for (const target of ["/cluster/members", "/cluster/leader/transfer"]) {
        assert.strictEqual((yield* send(port, post(target, long))).status, 413)
        assert.strictEqual((yield* send(port, post(target, "{}", { "content-type": "text/plain" }))).status, 415)
      }
      assert.deepStrictEqual(adminRecorder.changes, [])
    }))

  it.effect("may not come from a page of another origin", () =>
    Effect.gen(function*() {
      adminRecorder.changes.length = 0
      const port = yield* HttpTestServer.port
      const snapshot: Request = { method: "POST", target: "/cluster/snapshot" }
      for (const request of [add("node4"), remove("node1"), transfer("node1"), snapshot]) {
        const foreign = { ...request, headers: { ...request.headers, origin: "http://evil.example" } }
        assert.strictEqual((yield* send(port, foreign)).status, 403)
      }
      assert.deepStrictEqual(adminRecorder.changes, [])
    }))

  it.effect("has the methods of its path said", () =>
    Effect.gen(function*() {
      const port = yield* HttpTestServer.port
      const allowOf = (target: string) =>
        Effect.map(send(port, { method: "PATCH", target }), ({ headers }) => headers["allow"])
      assert.strictEqual(yield* allowOf("/cluster/members"), "GET, HEAD, OPTIONS, POST")
      assert.strictEqual(yield* allowOf("/cluster/members/node1"), "DELETE, OPTIONS")
      assert.strictEqual(yield* allowOf("/cluster/leader/transfer"), "OPTIONS, POST")
      assert.strictEqual(yield* allowOf("/cluster/snapshot"), "GET, HEAD, OPTIONS, POST")
    }))
})

describe("A snapshot", () => {
  const troubled = makeAdminRecorder()

  layer(HttpTestServer.layer({ adminRecorder: troubled }), live)((it) => {
    it.effect("that cannot be taken is a problem, also where bytes were expected", () =>
      Effect.gen(function*() {
        troubled.snapshot = null
        const port = yield* HttpTestServer.port
        for (const method of ["POST", "GET"]) {
          const answer = yield* send(port, { method, target: "/cluster/snapshot" })
          assert.deepInclude(json(answer), { type: "/problems/snapshot-failed", detail: "The disk is full." })
        }
      }))

    it.effect("that breaks off does not look whole", () =>
      Effect.gen(function*() {
        troubled.snapshot = { pieces: [Buffer.from("half")], cut: new SnapshotFailed({ detail: "gone" }) }
        const request = "GET /cluster/snapshot HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        const received = yield* exchange(yield* HttpTestServer.port, Buffer.from(request))
        assert.include(received, "half")
        // The last chunk of a whole body is an empty one.
        assert.notMatch(received, /\r\n0\r\n/)
      }))
  })
})
