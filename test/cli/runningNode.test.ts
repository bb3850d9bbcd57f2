/**
 * The commands of an operator against a real node, which is a whole cluster: each of them once, from the command line
 * through client RPC and the log to the disk.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
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
})
