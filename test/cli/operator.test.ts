/**
 * The commands of an operator, against a node that is not there but answers: what they print for people and for
 * scripts, and the exit code of each way in which they fail.
 */
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { makeAdminRecorder } from "../server/FakeAdmin.ts"
import * as RpcTestServer from "../server/rpc/RpcTestServer.ts"
import { holdfast } from "./support/running.ts"

const live = { excludeTestServices: true }
const recorder = makeAdminRecorder()

const call = (...args: ReadonlyArray<string>) =>
  Effect.flatMap(RpcTestServer.port, (port) => holdfast(...args, `--nodes=127.0.0.1:${port}`))

/** Of another node, for as long as the scope. */
const portOf = (says: Exclude<RpcTestServer.Options["says"], undefined>) =>
  Effect.flatMap(
    Layer.build(Layer.fresh(RpcTestServer.layer({ says }))),
    (context) => Effect.provide(RpcTestServer.port, context)
  )

layer(RpcTestServer.layer({ recorder }), live)("An operator", (it) => {
  it.effect("sees the members in a table", () =>
    Effect.gen(function*() {
      const { code, stdout } = yield* call("members", "list")
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(stdout.split("\n"), [
        "node   role    Raft            HTTP            RPC",
        "node1  voter   127.0.0.1:9081  127.0.0.1:8081  127.0.0.1:7081",
        "node2  leader  127.0.0.1:9082  127.0.0.1:8082  127.0.0.1:7082",
        "node3  voter   127.0.0.1:9083  127.0.0.1:8083  -"
      ])
    }))

  it.effect("adds a learner, removes it, and hands the leadership over", () =>
    Effect.gen(function*() {
      recorder.changes.length = 0
      assert.deepStrictEqual(yield* call("members", "add", "node4", "[::1]:9084"), {
        code: 0,
        stdout: "node4 is in, at [::1]:9084. It decides with the others once it has caught up.",
        stderr: ""
      })
      assert.match((yield* call("members", "list")).stdout, /\nnode4 {2}learner {2}\[::1\]:9084/)
      assert.strictEqual((yield* call("members", "remove", "node4")).stdout, "node4 is out.")
      assert.strictEqual((yield* call("transfer-leader", "node1")).stdout, "node1 leads, in term 5.")
      assert.strictEqual((yield* call("transfer-leader")).stdout, "node3 leads, in term 6.")
      assert.deepStrictEqual(recorder.changes.map(([operation]) => operation), [
        "addMember",
        "removeMember",
        "transferLeadership",
        "transferLeadership"
      ])
    }))

  it.effect("gets JSON for scripts", () =>
    Effect.gen(function*() {
      const json = (...args: ReadonlyArray<string>) =>
        Effect.map(call(...args, "--json"), ({ stdout }) => JSON.parse(stdout))
      assert.lengthOf((yield* json("members", "list"))["members"], 3)
      assert.deepStrictEqual(yield* json("members", "add", "a", "b:1"), { nodeId: "a", raft: "b:1" })
      assert.deepStrictEqual(yield* json("members", "remove", "a"), { nodeId: "a", removed: true })
      assert.include(yield* json("transfer-leader", "node2"), { leaderId: "node2" })
      const { nodes: [node] } = yield* json("status")
      assert.deepInclude(node.status, { nodeId: "node1", state: "FOLLOWER", term: 3 })
    }))

  it.effect("sees which nodes answer", () =>
    Effect.gen(function*() {
      const port = yield* RpcTestServer.port
      const { code, stdout } = yield* holdfast("status", `--nodes=127.0.0.1:${port},127.0.0.1:1`)
      assert.strictEqual(code, 0)
      const [head, answers, silent] = stdout.split("\n")
      assert.match(head ?? "", /^node {3}RPC +state +term {2}leader {2}committed {2}applied {2}last {2}up {2}version$/)
      assert.match(answers ?? "", /^node1 {2}127\.0\.0\.1:\d+ +FOLLOWER +3 +- +10 +9 +12 +1s {2}0\.1\.0$/)
      assert.match(silent ?? "", /^- {6}127\.0\.0\.1:1 +connection refused *$/)
    }))

  it.effect("sees why nobody gets a lock that nobody holds", () =>
    Effect.gen(function*() {
      const restored = yield* call("explain", "restored")
      assert.strictEqual(
        restored.stdout,
        "restored: free, but this cluster was restored from a backup and grants nothing for 9m 51s"
      )
      const { stdout } = yield* call("explain", "delayed")
      assert.strictEqual(stdout, "delayed: held back for 9m 51s after a holder that was lost")
    }))

  it.effect("sees the nodes that it has not named, as those tell of them that it has", () =>
    Effect.gen(function*() {
      const other = yield* portOf({ nodeId: "node2" })
      const founder = { raft: "127.0.0.1:9081", http: null, voter: true }
      const member = (nodeId: string, rpc: string | null) => ({ ...founder, nodeId, rpc, self: nodeId === "node1" })
      const rpcs = { node1: "127.0.0.1:7081", node2: `127.0.0.1:${other}`, node3: "127.0.0.1:1", node4: null }
      const port = yield* portOf({ members: Object.entries(rpcs).map(([nodeId, rpc]) => member(nodeId, rpc)) })
      const { code, stdout } = yield* holdfast("status", `--nodes=127.0.0.1:${port}`)
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(stdout.split("\n").slice(1).map((line) => line.split(/ {2,}/).slice(0, 3)), [
        ["node1", `127.0.0.1:${port}`, "FOLLOWER"],
        ["node2", `127.0.0.1:${other}`, "FOLLOWER"],
        ["node3", "127.0.0.1:1", "connection refused"]
      ])
    }))

  const failures: ReadonlyArray<readonly [args: ReadonlyArray<string>, code: number, stderr: RegExp]> = [
    [["members", "add", "already-member", "a:1"], 1, /^Refused: already-member\.$/],
    [["members", "remove", "last-voter"], 1, /^Refused: last-voter\.$/],
    [["members", "remove", "node9"], 1, /^No node9\.$/],
    [["members", "remove", "change-in-progress"], 1, /another one is under way/],
    [["transfer-leader", "outcome-unknown"], 1, /may or may not take effect/],
    [["transfer-leader", "no-leader"], 69, /has had no leader for too long/],
    [["members", "remove", "a b"], 64, /"a b"[^]*1 to 64 letters[^]*see holdfast members remove --help/],
    [["members", "add", "a", "b"], 64, /"b"[^]*host:port[^]*see holdfast members add --help/],
    [["members", "add", "a"], 64, /Missing required argument: host:port/]
  ]

  it.effect.each(failures)("fails: %j", ([args, code, stderr]) =>
    Effect.gen(function*() {
      const ran = yield* call(...args)
      assert.deepStrictEqual({ code: ran.code, stdout: ran.stdout }, { code, stdout: "" })
      assert.match(ran.stderr, stderr)
    }))
})

describe("Without a cluster", () => {
  const commands = ["status", "members list", "members remove a", "transfer-leader"]

  it.live.each(commands)("a command says so, with exit code 69: %s", (command) =>
    Effect.gen(function*() {
      const ran = yield* holdfast(...command.split(" "), "--nodes=127.0.0.1:1,localhost:2")
      assert.deepStrictEqual(ran, {
        code: 69,
        stdout: "",
        stderr: "no node answers at 127.0.0.1:1 (connection refused), localhost:2 (connection refused)"
      })
    }))
})
