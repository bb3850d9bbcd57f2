/**
 * Addresses of a cluster's nodes, as people write them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { environment } from "../../../src/node/config/ConfigSource.ts"
import { formatAddress, parsePeers } from "../../../src/node/config/Peers.ts"
import { NodeConfig } from "../../../src/node/NodeConfig.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { complaintsOf, loadNode1, type Variables } from "./reading.ts"

const wrongOf = (...peers: ReadonlyArray<string>) => Result.getOrThrow(Result.flip(parsePeers(peers)))

describe("peers", () => {
  it("are names of hosts, IPv4 or IPv6 addresses, each with a port", () => {
    const peers = Result.getOrThrow(parsePeers(["a@db-1.example.com:1", " b@10.0.0.1:65535", "c@[fe80::1%eth0]:9"]))
    assert.deepStrictEqual([...peers.values()], [
      { host: "db-1.example.com", port: 1 },
      { host: "10.0.0.1", port: 65_535 },
      { host: "fe80::1%eth0", port: 9 }
    ])
    assert.deepStrictEqual([...peers.keys()], ["a", "b", "c"].map((id) => NodeId.make(id)))
    assert.deepStrictEqual([...peers.values()].map(formatAddress), [
      "db-1.example.com:1",
      "10.0.0.1:65535",
      "[fe80::1%eth0]:9"
    ])
  })

  it.each([
    "a",
    "a@h",
    "h:1",
    "@h:1",
    "a@:1",
    "a@h:0",
    "a@h:65536",
    "a@h:1x",
    "a@::1:1",
    "a b@h:1",
    "a@h@h:1",
    "http://a@h:1",
    "-a@h:1"
  ])("are nothing else: %s", (peer) => {
    assert.deepStrictEqual(wrongOf(peer), [`${JSON.stringify(peer)} is not node@host:port`])
  })

  it("have each a name and an address of their own", () => {
    assert.deepStrictEqual(wrongOf("a@h:1", "a@h:2", "b@h:1"), ["a stands there twice", "h:1 stands there twice"])
  })

  it("are nine at most", () => {
    const peers = (count: number) => Array.from({ length: count }, (_, i) => `n${i}@h:${i + 1}`)
    assert.isTrue(Result.isSuccess(parsePeers(peers(9))))
    assert.deepStrictEqual(wrongOf(...peers(10)), ["10 nodes are more than 9"])
  })

  it.effect("contain the node itself", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* complaintsOf({ HOLDFAST_PEERS: "b@h:1" }), [
        `peers is "b@h:1" (from HOLDFAST_PEERS), but must name this node, node1, too`
      ])
      const { config } = yield* loadNode1({ HOLDFAST_PEERS: "node1@h:1" })
      assert.strictEqual(config.peers.size, 1)
    }))
})

describe("peers of a node that joins", () => {
  const join = (peers: string, variables: Variables = {}) => {
    const all = { HOLDFAST_NODE_ID: "d", HOLDFAST_PEERS: peers, ...variables }
    return NodeConfig.load([environment(all)], true)
  }
  const complaint = (peers: string, variables?: Variables) =>
    Effect.map(Effect.flip(join(peers, variables)), ({ complaints }) => complaints.join())

  it.effect("need not contain the node itself: it is where it listens", () =>
    Effect.gen(function*() {
      const { config, warnings } = yield* join("a@h:1,b@h:2,c@h:3", { HOLDFAST_RAFT_PORT: "4" })
      assert.isTrue(config.joins)
      assert.deepStrictEqual(config.peers.get(NodeId.make("d")), { host: "127.0.0.1", port: 4 })
      assert.strictEqual(config.raftPort, 4)
      assert.deepStrictEqual(warnings, [])
      const named = yield* join("a@h:1,d@h:4")
      assert.deepStrictEqual([named.config.peers.size, named.config.raftPort], [2, 4])
    }))

  it.effect("name somebody else, and leave no doubt where the node is", () =>
    Effect.gen(function*() {
      assert.include(yield* complaint("d@h:4"), "must name a node of the cluster that is joined")
      assert.include(yield* complaint("a@h:1"), "must name this node, d, too, or raftPort must be set")
      const wildcard = { HOLDFAST_HOST: "0.0.0.0", HOLDFAST_RAFT_PORT: "4" }
      assert.include(yield* complaint("a@h:1", wildcard), "must name this node, d, too: nobody can reach it at 0.0.0.0")
    }))

  it.effect("are nobody's business for a node that does not join", () =>
    Effect.gen(function*() {
      const { config } = yield* loadNode1()
      assert.isFalse(config.joins)
    }))
})
