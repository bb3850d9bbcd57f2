/**
 * Who has the last word on a setting, what a node is when nobody says anything, and that a wrong setting
 * is told with its name, its place, its value and what is allowed.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { defaults as apiDefaults } from "../../../src/api/Limits.ts"
import * as Source from "../../../src/node/config/ConfigSource.ts"
import { profile, profileNames } from "../../../src/node/config/Profile.ts"
import { flagName, type Setting, variableName } from "../../../src/node/config/Setting.ts"
import { settings } from "../../../src/node/config/Settings.ts"
import { NodeConfig } from "../../../src/node/NodeConfig.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { complaintsOf, loadNode1 } from "./reading.ts"

const address = (port: number) => ({ host: "127.0.0.1", port })

describe("a profile", () => {
  it.effect.each(profileNames)("makes %s one of three on this machine", (name) =>
    Effect.gen(function*() {
      const { config, warnings } = yield* NodeConfig.load([profile(name)])
      const number = Number(name.slice(-1))
      assert.strictEqual(config.nodeId, NodeId.make(name))
      assert.strictEqual(config.host, "127.0.0.1")
      assert.deepStrictEqual(
        [config.httpPort, config.raftPort, config.rpcPort],
        [8080 + number, 9080 + number, 7080 + number]
      )
      assert.strictEqual(config.dataDir, `.holdfast/${name}`)
      assert.deepStrictEqual([...config.peers], profileNames.map((id, i) => [NodeId.make(id), address(9081 + i)]))
      assert.deepStrictEqual(warnings, [])
    }))

  it.effect("leaves timings and limits at what the contract says", () =>
    Effect.gen(function*() {
      const { config, logging } = yield* loadNode1()
      assert.deepStrictEqual(config.timings, {
        heartbeatMillis: 60,
        electionMillisMin: 300,
        electionMillisMax: 600,
        lostLeaderMillisMin: 5,
        lostLeaderMillisMax: 40,
        clockStepMillisMax: 300,
        clockTickMillis: 250,
        leaderWaitMillis: 2_000
      })
      assert.deepStrictEqual(config.limits, apiDefaults)
      assert.deepStrictEqual(logging, { level: "info", format: "auto" })
    }))
})

describe("the last word", () => {
  const all = [
    Source.flags({ httpPort: "1001" }),
    Source.environment({ HOLDFAST_HTTP_PORT: "1002", HOLDFAST_RPC_PORT: "2002" }),
    { values: { httpPort: 1003, rpcPort: 2003, raftPort: 3003 }, place: () => "x.json", strangers: [] },
    profile("node1")
  ]

  it.effect("has a flag, then the environment, then a file, then a profile, then the default", () =>
    Effect.gen(function*() {
      const { config } = yield* NodeConfig.load(all)
      assert.deepStrictEqual([config.httpPort, config.rpcPort, config.raftPort], [1001, 2002, 3003])
      assert.strictEqual(config.nodeId, NodeId.make("node1"))
      assert.strictEqual(config.timings.heartbeatMillis, 60)
    }))

  it.effect("is wrong where it stands, though a weaker source be right", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(NodeConfig.load([Source.flags({ httpPort: "0" }), ...all.slice(1)]))
      assert.strictEqual(error.message, `httpPort is "0" (from --http-port), but must be a port, from 1 to 65535`)
    }))

  it.effect("is nobody's with an empty variable, as shells leave them", () =>
    Effect.gen(function*() {
      const { config, warnings } = yield* loadNode1({ HOLDFAST_HTTP_PORT: "", HOLDFAST_SOMETHING: "" })
      assert.strictEqual(config.httpPort, 8081)
      assert.deepStrictEqual(warnings, [])
    }))
})

describe("every setting", () => {
  const numbers = Object.values<Setting<unknown>>(settings).filter(({ allowed }) => / from \d+ to \d+$/.test(allowed))

  it("has one name in three spellings", () => {
    assert.strictEqual(variableName("electionMillisMin"), "HOLDFAST_ELECTION_MILLIS_MIN")
    assert.strictEqual(flagName("electionMillisMin"), "election-millis-min")
    for (const [key, setting] of Object.entries(settings)) assert.strictEqual(setting.key, key)
    assert.isAbove(numbers.length, 20)
  })

  it.effect.each(numbers.map(({ key }) => key))(
    "%s is read from its variable, and checked",
    (key) =>
      Effect.gen(function*() {
        for (const wrong of ["-1", "1.5", "1e999", "NaN", "0x10", "99999999999999999999", "ten"]) {
          const [complaint] = yield* complaintsOf({ [variableName(key)]: wrong })
          assert.match(
            complaint ?? "",
            new RegExp(`^${key} is "${wrong}" \\(from ${variableName(key)}\\), but must be `)
          )
        }
      })
  )
})

describe("a node that was not told", () => {
  it.effect("who it is and who its peers are does not guess", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(NodeConfig.load([]))
      assert.strictEqual(
        message,
        [
          "2 settings are wrong:",
          `  nodeId is not set: give --node-id, HOLDFAST_NODE_ID, "nodeId" in a config file, or a profile`,
          `  peers is not set: give --peers, HOLDFAST_PEERS, "peers" in a config file, or a profile`
        ].join("\n")
      )
    }))

  it.effect("its ports and directory takes them from its name and its peers", () =>
    Effect.gen(function*() {
      const { config } = yield* NodeConfig.load([Source.flags({ nodeId: "a", peers: "a@127.0.0.1:4000" })])
      assert.deepStrictEqual(
        [config.httpPort, config.raftPort, config.rpcPort, config.dataDir],
        [8081, 4000, 7081, ".holdfast/a"]
      )
    }))
})

describe("what is wrong", () => {
  it.effect("is told all at once", () =>
    Effect.gen(function*() {
      const complaints = yield* complaintsOf({
        HOLDFAST_NODE_ID: "-",
        HOLDFAST_HOST: "a b",
        HOLDFAST_RAFT_PORT: "65536",
        HOLDFAST_LOG_LEVEL: "loud",
        HOLDFAST_HEARTBEAT_MILLIS: "150"
      })
      assert.deepStrictEqual(complaints, [
        `nodeId is "-" (from HOLDFAST_NODE_ID), but must be 1 to 64 letters, digits, dots, dashes or underscores, ` +
        "the first a letter or digit",
        `host is "a b" (from HOLDFAST_HOST), but must be a host name or an IP address`,
        `raftPort is "65536" (from HOLDFAST_RAFT_PORT), but must be a port, from 1 to 65535`,
        `logLevel is "loud" (from HOLDFAST_LOG_LEVEL), but must be one of trace, debug, info, warn, error, none`,
        `heartbeatMillis is "150" (from HOLDFAST_HEARTBEAT_MILLIS), but must be less than half of electionMillisMin, ` +
        "which is 300 (by default)"
      ])
    }))

  it.effect("is cut where it would fill the screen", () =>
    Effect.gen(function*() {
      const [complaint] = yield* complaintsOf({ HOLDFAST_HTTP_PORT: "9".repeat(10_000) })
      assert.isBelow(complaint?.length ?? Infinity, 250)
    }))
})

describe("what is worth a word", () => {
  it.effect("is logged when the node is configured", () =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const logger = Logger.make(({ logLevel, message }) => logged.push([logLevel, message]))
      yield* NodeConfig.pipe(
        Effect.provide(NodeConfig.layer([Source.environment({ HOLDFAST_HOST: "0.0.0.0" }), profile("node1")])),
        Effect.provide(Logger.layer([logger]))
      )
      assert.deepStrictEqual(logged, [[
        "Warn",
        [
          `host is "0.0.0.0" (from HOLDFAST_HOST): whoever reaches these ports can use the locks, ` +
          "for there is no authentication yet"
        ]
      ]])
    }))

  it.effect.each(["127.0.0.1", "127.9.9.9", "localhost", "::1"])(
    "is no host that only this machine reaches: %s",
    (host) =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* loadNode1({ HOLDFAST_HOST: host })).warnings, [])
      })
  )

  it.effect("is an even number of nodes, and a Raft port that peers do not go to", () =>
    Effect.gen(function*() {
      const { warnings } = yield* loadNode1({ HOLDFAST_PEERS: "node1@h:1,b@h:2", HOLDFAST_RAFT_PORT: "9" })
      assert.deepStrictEqual(warnings, [
        "a cluster of 2 nodes survives no more failures than one of 1",
        `raftPort is "9" (from HOLDFAST_RAFT_PORT), but peers go to h:1: right only if that is forwarded here`
      ])
    }))
})
