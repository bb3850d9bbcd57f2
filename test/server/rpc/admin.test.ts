/**
 * An operator over client RPC: every request with its answer, and every refusal as the error that it was on the node.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, Layer, Stream } from "effect"
import { SnapshotFailed } from "../../../src/api/Problems.ts"
import { AdminClient } from "../../../src/client/AdminClient.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { adminOutcomes, makeAdminRecorder } from "../FakeAdmin.ts"
import { status } from "../http/HttpTestServer.ts"
import * as RpcTestServer from "./RpcTestServer.ts"

const live = { excludeTestServices: true }
const recorder = makeAdminRecorder()

const client = Layer.unwrap(
  Effect.map(RpcTestServer.port, (port) => AdminClient.layer([{ host: "127.0.0.1", port }]))
)

const served = Layer.provideMerge(client, RpcTestServer.layer({ recorder }))

layer(served, live)("An operator over RPC", (it) => {
  it.effect("looks", () =>
    Effect.gen(function*() {
      const admin = yield* AdminClient
      assert.deepStrictEqual(yield* admin.status, status)
      const { leaderId, members } = yield* admin.members
      assert.strictEqual(leaderId, "node2")
      assert.deepStrictEqual(members.map(({ nodeId, rpc }) => [nodeId, rpc]), [
        ["node1", "127.0.0.1:7081"],
        ["node2", "127.0.0.1:7082"],
        ["node3", null]
      ])
    }))

  it.effect("adds, removes and hands over", () =>
    Effect.gen(function*() {
      recorder.changes.length = 0
      const admin = yield* AdminClient
      const nodeId = NodeId.make("node4")
      yield* admin.addMember({ nodeId, raft: "[::1]:9084" })
      yield* admin.removeMember(nodeId)
      assert.deepStrictEqual(yield* admin.transferLeadership(NodeId.make("node1")), { leaderId: "node1", term: 5 })
      assert.deepStrictEqual(yield* admin.transferLeadership(null), { leaderId: "node3", term: 6 })
      assert.deepStrictEqual(recorder.changes, [
        ["addMember", "node4", "[::1]:9084"],
        ["removeMember", "node4"],
        ["transferLeadership", "node1"],
        ["transferLeadership", "node3"]
      ])
    }))

  it.effect.each(Object.entries(adminOutcomes))("hears of %s", ([name, outcome]) =>
    Effect.gen(function*() {
      const admin = yield* AdminClient
      const nodeId = NodeId.make(name)
      const attempts: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        admin.addMember({ nodeId, raft: "a:1" }),
        admin.removeMember(nodeId),
        admin.transferLeadership(nodeId)
      ]
      for (const attempt of attempts) assert.deepEqual(yield* Effect.flip(attempt), outcome)
    }))

  it.effect("hears that there is no such member", () =>
    Effect.gen(function*() {
      const admin = yield* AdminClient
      const error = yield* Effect.flip(admin.removeMember(NodeId.make("node9")))
      assert.deepInclude(error, { _tag: "NotFound", detail: "No node9." })
    }))

  it.effect("takes a snapshot and gets one, byte for byte", () =>
    Effect.gen(function*() {
      const admin = yield* AdminClient
      assert.deepStrictEqual(yield* admin.takeSnapshot, { index: 10, bytes: 10 })
      const piece = Buffer.alloc(256 * 1024, "abcdefg")
      recorder.snapshot = { pieces: Array.from({ length: 40 }, () => piece) }
      const got = Buffer.concat([...(yield* Stream.runCollect(admin.downloadSnapshot))])
      assert.isTrue(got.equals(Buffer.concat(recorder.snapshot.pieces)))
    }))

  it.effect("hears of a snapshot that fails, at its start and in the middle", () =>
    Effect.gen(function*() {
      const admin = yield* AdminClient
      recorder.snapshot = null
      const failed = new SnapshotFailed({ detail: "The disk is full." })
      assert.deepEqual(yield* Effect.flip(admin.takeSnapshot), failed)
      assert.deepEqual(yield* Effect.exit(Stream.runDrain(admin.downloadSnapshot)), Exit.fail(failed))
      const cut = new SnapshotFailed({ detail: "The file is gone." })
      recorder.snapshot = { pieces: [Buffer.from("half")], cut }
      let received = 0
      const download = Stream.runForEach(admin.downloadSnapshot, ({ length }) => Effect.sync(() => received += length))
      assert.deepEqual(yield* Effect.exit(download), Exit.fail(cut))
      assert.strictEqual(received, 4)
    }))
})
