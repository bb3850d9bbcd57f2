/**
 * Which nodes `holdfast dev` would start, and how it tells each of them who it is.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { plan, portsOf } from "../../src/cli/dev/Plan.ts"
import { NodeId } from "../../src/raft/Membership.ts"

const defaults = { nodes: 3, httpPort: 8081, raftPort: 9081, rpcPort: 7081, dataDir: ".holdfast" }

describe("the plan of a cluster on this machine", () => {
  it.effect.each([1, 3, 5, 7])("has %d nodes whose ports count up", (nodes) =>
    Effect.gen(function*() {
      const planned = yield* plan({ ...defaults, nodes }, {})
      assert.lengthOf(planned, nodes)
      for (const [position, { config }] of planned.entries()) {
        assert.strictEqual(config.nodeId, NodeId.make(`node${position + 1}`))
        assert.strictEqual(config.dataDir, `.holdfast/node${position + 1}`)
        assert.deepStrictEqual(
          [config.httpPort, config.raftPort, config.rpcPort],
          [8081 + position, 9081 + position, 7081 + position]
        )
        assert.deepStrictEqual([...config.peers.keys()], planned.map(({ config: { nodeId } }) => nodeId))
        assert.deepStrictEqual(
          [...config.peers.values()].map(({ port }) => port),
          planned.map(({ config }) => config.raftPort)
        )
      }
    }))

  it.effect("tells each node by flags what sets it apart", () =>
    Effect.gen(function*() {
      const [, second] = yield* plan({ ...defaults, dataDir: "/d" }, {})
      assert.deepStrictEqual(second?.args, [
        "start",
        "--node-id=node2",
        "--http-port=8082",
        "--raft-port=9082",
        "--rpc-port=7082",
        "--data-dir=/d/node2",
        "--peers=node1@127.0.0.1:9081,node2@127.0.0.1:9082,node3@127.0.0.1:9083"
      ])
    }))

  it.effect("leaves the rest to the environment, and nothing of what sets nodes apart", () =>
    Effect.gen(function*() {
      const planned = yield* plan(defaults, {
        HOLDFAST_NODE_ID: "x",
        HOLDFAST_HTTP_PORT: "1",
        HOLDFAST_PEERS: "x@h:1",
        HOLDFAST_HEARTBEAT_MILLIS: "20",
        HOLDFAST_LOG_LEVEL: "debug"
      })
      assert.deepStrictEqual(planned.map(({ config }) => config.httpPort), [8081, 8082, 8083])
      assert.deepStrictEqual(planned.map(({ config }) => config.timings.heartbeatMillis), [20, 20, 20])
      assert.strictEqual(planned[0].logging.level, "debug")
    }))

  it.effect.each([
    ["0.0.0.0", "127.0.0.1:9081"],
    ["::", "127.0.0.1:9081"],
    ["10.1.2.3", "10.1.2.3:9081"],
    ["::1", "[::1]:9081"]
  ])("lets nodes that listen on %s meet at %s", ([host, address]) =>
    Effect.gen(function*() {
      const [first] = yield* plan({ ...defaults, nodes: 1 }, { HOLDFAST_HOST: host })
      assert.strictEqual(first.config.host, host)
      assert.strictEqual(first.args.at(-1), `--peers=node1@${address}`)
    }))

  it.effect("is refused when a setting is wrong or the ports do not fit, before anything starts", () =>
    Effect.gen(function*() {
      const refused = (options: Partial<typeof defaults>, variables: Record<string, string> = {}) =>
        Effect.map(Effect.flip(plan({ ...defaults, ...options }, variables)), ({ message }) => message)
      assert.strictEqual(
        yield* refused({}, { HOLDFAST_TTL_MILLIS_MIN: "no" }),
        `ttlMillisMin is "no" (from HOLDFAST_TTL_MILLIS_MIN), but must be whole milliseconds, from 1 to 2147483647`
      )
      assert.strictEqual(
        yield* refused({ httpPort: 65_534 }),
        "httpPort is 65536 (from holdfast dev), but must be a port, from 1 to 65535"
      )
      assert.strictEqual(
        yield* refused({ raftPort: 8083 }),
        "port 8083 would be both Raft of node1 and HTTP of node3; ports count up from --raft-port and --http-port"
      )
    }))

  it.effect("names each port and the flag that moves it", () =>
    Effect.gen(function*() {
      const [first] = yield* plan(defaults, {})
      assert.deepStrictEqual(portsOf(first).map(({ flag, name, port }) => `${port} ${name} ${flag}`), [
        "8081 HTTP of node1 --http-port",
        "9081 Raft of node1 --raft-port",
        "7081 RPC of node1 --rpc-port"
      ])
    }))
})
