/**
 * The commands of an operator against a real node, which is a whole cluster: each of them once, from the command line
 * through client RPC and the log to the disk.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { createClient } from "../../src/promise.ts"
import { directory } from "./support/Directory.ts"
import * as RealNode from "./support/RealNode.ts"
import { holdfast } from "./support/running.ts"

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })("An operator of one node", (it) => {
  const call = (...args: ReadonlyArray<string>) =>
    Effect.flatMap(RealNode.RealNode, ({ rpc }) => holdfast(...args, `--nodes=${rpc}`))
  const json = (...args: ReadonlyArray<string>) =>
    Effect.flatMap(call(...args, "--json"), ({ code, stderr, stdout }) => {
      assert.strictEqual(code, 0, stderr)
      return Effect.sync(() => JSON.parse(stdout))
    })

  it.effect("sees it lead", () =>
    Effect.gen(function*() {
      const { http, raft, rpc } = yield* RealNode.RealNode
      const member = { nodeId: "solo", raft, http, rpc, voter: true, self: true }
      const list = yield* json("members", "list")
      assert.deepStrictEqual(list, { leaderId: "solo", members: [member] })
      assert.deepStrictEqual(Object.keys(list.members[0]), Object.keys(member))
      const { nodes: [{ address, status }] } = yield* json("status")
      assert.strictEqual(address, rpc)
      assert.deepInclude(status, { nodeId: "solo", state: "LEADER", leaderId: "solo", members: [member] })
    }))

  it.effect("is told where it can be reached, in the way in which addresses are written", () =>
    Effect.gen(function*() {
      const elsewhere = { host: "0.0.0.0", peers: "solo@[fd00::2]:9" }
      const { rpc } = yield* RealNode.start(yield* directory, elsewhere)
      const listed = JSON.parse((yield* holdfast("members", "list", "--json", `--nodes=${rpc}`)).stdout)
      assert.match(listed.members[0].raft, /^\[fd00::2\]:9$/)
      assert.match(listed.members[0].http, /^\[fd00::2\]:\d+$/)
      assert.match(listed.members[0].rpc, /^\[fd00::2\]:\d+$/)
    }))

  it.effect("may let nobody wait for long, and whoever wants to wait for longer asks again", () =>
    Effect.gen(function*() {
      const { http, rpc } = yield* RealNode.start(yield* directory, { waitMillisMax: "1000" })
      const names = ["by RPC", "over HTTP", "by a script"]
      for (const name of names) {
        const held = yield* post(http, name, { ttlMs: 2000 })
        assert.isNumber(held["token"])
        assert.include(yield* post(http, name, { ttlMs: 2000, waitMs: 1001 }), { field: "waitMs" })
      }
      const tokenOf = (node: string, name: string) =>
        Effect.promise(async () => {
          await using client = await createClient({ nodes: [node] })
          await using lock = await client.acquire(name)
          return lock.token
        })
      const script = Effect.map(
        holdfast("acquire", "by a script", "--json", `--nodes=${rpc}`),
        ({ stderr, stdout }) => stderr === "" ? Number(JSON.parse(stdout).token) : stderr
      )
      const asked = [tokenOf(rpc, "by RPC"), tokenOf(`http://${http}`, "over HTTP"), script]
      const tokens = yield* Effect.all(asked, { concurrency: "unbounded" })
      assert.sameMembers([...tokens], [4, 5, 6])
    }))

  it.effect("adds a node that is not there yet, and removes it", () =>
    Effect.gen(function*() {
      const rolesOf = Effect.map(
        json("members", "list"),
        ({ members }) => members.map(({ nodeId, voter }: Record<string, unknown>) => [nodeId, voter])
      )
      assert.deepStrictEqual(yield* json("members", "add", "later", "127.0.0.1:9"), {
        nodeId: "later",
        raft: "127.0.0.1:9"
      })
      assert.deepStrictEqual(yield* rolesOf, [["solo", true], ["later", false]])
      const { code, stderr } = yield* call("members", "add", "later", "127.0.0.1:10")
      assert.strictEqual(code, 1)
      assert.include(stderr, "later")
      assert.deepStrictEqual(yield* json("members", "remove", "later"), { nodeId: "later", removed: true })
      assert.deepStrictEqual(yield* rolesOf, [["solo", true]])
    }))

  it.effect("is refused what would end the cluster, and what cannot be", () =>
    Effect.gen(function*() {
      const refusals = [["members", "remove", "solo"], ["members", "remove", "nobody"], ["transfer-leader", "nobody"]]
      for (const args of refusals) {
        const { code, stderr, stdout } = yield* call(...args)
        assert.deepStrictEqual([code, stdout], [1, ""])
        assert.include(stderr, args.at(-1) ?? "")
      }
      // It leads, and is asked to lead.
      assert.include(yield* json("transfer-leader", "solo"), { leaderId: "solo" })
    }))

  it.effect("backs it up, and makes a new cluster out of the backup, which grants when it may", () =>
    Effect.gen(function*() {
      const { http } = yield* RealNode.RealNode
      const held = yield* acquire(http)
      assert.strictEqual(held["token"], 1)
      const path = yield* directory
      const [file, dataDir] = [join(path, "backup"), join(path, "new")]
      const saved = yield* json("snapshot", "save", file)
      const inspected = yield* local("snapshot", "inspect", file)
      assert.deepInclude(inspected, { index: saved.index, sessions: 1, locks: 1, lastToken: 1, longestTtlMs: ttlMs })
      const where = ["--node-id=solo", "--raft=127.0.0.1:9", `--data-dir=${dataDir}`]
      const restored = yield* local("snapshot", "restore", file, ...where)
      assert.deepInclude(restored, { lastToken: { backup: 1, restored: 2 ** 40 }, grantsAfterMs: ttlMs })
      assert.notStrictEqual(restored.clusterId, inspected.clusterId)
      const renewed = yield* RealNode.start(dataDir)
      const [refused, granted] = [yield* acquire(renewed.http), yield* acquire(renewed.http, 2 * ttlMs)]
      assert.include(refused, { type: "/problems/lock-held", queueLength: 0 })
      assert.isAbove(Number(refused["lockDelayLeftMs"]), 0)
      assert.strictEqual(granted["token"], 2 ** 40 + 1)
    }))
})

const ttlMs = 4000

const acquire = (http: string, waitMs = 0) => post(http, "a", { ttlMs, waitMs })

const post = (http: string, name: string, body: object) =>
  Effect.promise(() =>
    fetch(`http://${http}/v1/locks/${encodeURIComponent(name)}/acquire`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body)
    }).then((answer) => answer.json() as Promise<Record<string, unknown>>)
  )

/** A command that needs no node. */
const local = (...args: ReadonlyArray<string>) =>
  Effect.map(holdfast(...args, "--json"), ({ stdout }) => JSON.parse(stdout))
