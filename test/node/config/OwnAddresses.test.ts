/**
 * Where a node says that clients reach it.
 */
import { assert, describe, it } from "@effect/vitest"
import { ownAddresses } from "../../../src/node/config/OwnAddresses.ts"
import { isWildcard } from "../../../src/node/config/Peers.ts"
import { NodeId } from "../../../src/raft/Membership.ts"

const told = (host: string, reached: string) =>
  ownAddresses({
    host,
    httpPort: 8081,
    rpcPort: 7081,
    nodeId: NodeId.make("a"),
    peers: new Map([
      [NodeId.make("a"), { host: reached, port: 9081 }],
      [NodeId.make("b"), { host: "b.example", port: 9081 }]
    ])
  })

describe("a node is reached", () => {
  it("where it listens, with brackets around an IPv6 address", () => {
    assert.deepStrictEqual(told("10.0.0.1", "a.example"), { http: "10.0.0.1:8081", rpc: "10.0.0.1:7081" })
    assert.deepStrictEqual(told("::1", "a.example"), { http: "[::1]:8081", rpc: "[::1]:7081" })
  })

  it.each(["0.0.0.0", "::", "0", "::0", "0:0:0:0:0:0:0:0"])("where its peers reach it, if it listens at %s", (host) => {
    assert.isTrue(isWildcard(host))
    assert.deepStrictEqual(told(host, "a.example"), { http: "a.example:8081", rpc: "a.example:7081" })
    assert.deepStrictEqual(told(host, "fd00::2"), { http: "[fd00::2]:8081", rpc: "[fd00::2]:7081" })
  })

  it.each(["10.0.0.0", "::1", "1::", "127.0.0.1", "a0.example"])("at %s, which is one address", (host) => {
    assert.isFalse(isWildcard(host))
  })
})
