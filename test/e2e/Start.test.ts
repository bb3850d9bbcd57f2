/**
 * `holdfast start` as a user or a service manager meets it: what it prints, how it stops, and what it says
 * when it cannot start. One message, an exit code, no stack trace.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import { writeFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { makeCollector, treeOf } from "../tracing/Collector.ts"
import { occupy } from "./harness/FreePorts.ts"
import { runToEnd } from "./harness/Holdfast.ts"
import { acquire } from "./harness/Locks.ts"
import { makeNodes, settled, tempDir } from "./harness/TestCluster.ts"
import { argsOf, make } from "./harness/TestNode.ts"

const nowMillis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

describe("a node that runs", { concurrent: true }, () => {
  it.live("says where it listens, and stops on each signal of a service manager with exit code 0", () =>
    Effect.forEach(
      ["SIGTERM", "SIGINT", "SIGHUP"] as const,
      (signal) =>
        Effect.gen(function*() {
          const [node] = yield* makeNodes(1)
          const holdfast = yield* node.start
          assert.strictEqual(
            holdfast.stdout(),
            `node1 listens: http 127.0.0.1:${node.httpPort}, raft 127.0.0.1:${node.raftPort}, ` +
              `rpc 127.0.0.1:${node.rpcPort}, data ${node.dataDir}\n`
          )
          const asked = yield* nowMillis
          yield* holdfast.kill(signal)
          // npm hands a Ctrl-C on that the terminal has sent already: the second one changes nothing.
          yield* holdfast.kill(signal)
          assert.deepStrictEqual(yield* holdfast.ended, { code: 0, signal: null })
          assert.isBelow((yield* nowMillis) - asked, 5_000)
        }),
      { concurrency: "unbounded", discard: true }
    ))

  it.live("stops when its standard input ends, if it was asked to, and not otherwise", () =>
    Effect.gen(function*() {
      const [one] = yield* makeNodes(1)
      const bound = yield* make({ ...one, flags: ["--until-stdin-ends"] })
      const [free] = yield* makeNodes(1)
      yield* Effect.all([bound.start, free.start], { concurrency: "unbounded" })
      yield* bound.process().closeStdin
      yield* free.process().closeStdin
      assert.deepStrictEqual(yield* bound.process().ended, { code: 0, signal: null })
      yield* settled([free])
    }))

  it.live("goes on when nobody reads its output any more", () =>
    Effect.gen(function*() {
      const [node] = yield* makeNodes(1)
      const holdfast = yield* node.start
      yield* settled([node])
      yield* holdfast.closeOutput
      // It logs who knocks with something that is no greeting.
      for (let knocks = 0; knocks < 3; knocks++) yield* knock(node.raftPort)
      assert.strictEqual((yield* acquire(node, "a", { ttlMs: 1_000 })).status, 200)
      assert.isTrue(node.isRunning())
    }))

  it.live("traces for a collector that its environment names, to the last span", () =>
    Effect.gen(function*() {
      const { endpoint, spans } = yield* makeCollector
      const names = [`OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`, "OTEL_EXPORTER_OTLP_PROTOCOL=http/json"]
      const [place] = yield* makeNodes(1)
      const node = yield* make({ ...place, within: ["env", ...names] })
      yield* node.start
      yield* settled([node])
      assert.strictEqual((yield* acquire(node, "a", { ttlMs: 1_000 })).status, 200)
      yield* node.kill("SIGTERM")
      const ofAcquire = spans.filter(({ traceId }) =>
        traceId === spans.find(({ name }) => name.endsWith("/acquire"))?.traceId
      )
      assert.deepStrictEqual(treeOf(ofAcquire, ({ instance, name }) => `${name} of ${instance}`), [
        "POST /v1/locks/:name/acquire of node1",
        "  raft.propose of node1",
        "    lock.apply of node1",
        "    lock.grant of node1",
        "    raft.append of node1"
      ])
    }))
})

describe("a node that cannot start", { concurrent: true }, () => {
  it.live("says which port is in use", () =>
    Effect.gen(function*() {
      const [node] = yield* makeNodes(1)
      yield* occupy(node.httpPort)
      const http = yield* runToEnd(argsOf(node))
      assert.deepStrictEqual(http, {
        code: 1,
        signal: null,
        stdout: "",
        stderr: `holdfast: Cannot serve HTTP on 127.0.0.1:${node.httpPort}: port ${node.httpPort} is in use. ` +
          "Stop what listens there, or choose another port for HTTP.\n"
      })
      yield* occupy(node.raftPort)
      const raft = yield* runToEnd(argsOf(node))
      assert.deepStrictEqual(raft, {
        code: 1,
        signal: null,
        stdout: "",
        stderr: `holdfast: cannot listen for peers on 127.0.0.1:${node.raftPort}: the port is in use; ` +
          "stop whoever uses it, or choose another Raft port\n"
      })
    }).pipe(Effect.scoped))

  it.live("tells all wrong settings at once, whoever has set them", () =>
    Effect.gen(function*() {
      const directory = yield* tempDir
      const file = join(directory, "holdfast.json")
      writeFileSync(file, JSON.stringify({ nodeId: "node1", peers: ["node1@127.0.0.1:9081"], rpcPort: 8081.5 }))
      const { code, stderr } = yield* runToEnd(["start", "--config", file, "--http-port=x"], {
        env: { HOLDFAST_HEARTBEAT_MILLIS: "0" }
      })
      assert.strictEqual(code, 1)
      assert.strictEqual(
        stderr,
        [
          "holdfast: 3 settings are wrong:",
          `  httpPort is "x" (from --http-port), but must be a port, from 1 to 65535`,
          `  rpcPort is 8081.5 (from "rpcPort" in ${file}), but must be a port, from 1 to 65535`,
          `  heartbeatMillis is "0" (from HOLDFAST_HEARTBEAT_MILLIS), but must be whole milliseconds, ` +
          "from 1 to 2147483647",
          ""
        ].join("\n")
      )
    }))
})

describe("a call that is wrong", { concurrent: true }, () => {
  it.live("is answered in a line or two on stderr, with exit code 64", () =>
    Effect.gen(function*() {
      const calls = [
        { args: ["start", "--profile", "node9"], words: /Invalid value for flag --profile: "node9"/ },
        { args: ["start", "--htpp-port", "1"], words: /Unrecognized flag: --htpp-port[^]*--http-port/ },
        { args: ["strat"], words: /Unknown subcommand "strat"[^]*start/ },
        { args: ["dev", "--nodes", "2"], words: /--nodes[^]*1, 3, 5 or 7; an even number survives no more failures/ }
      ]
      const answers = yield* Effect.forEach(calls, ({ args }) => runToEnd(args), { concurrency: 2 })
      for (const [index, { code, stderr, stdout }] of answers.entries()) {
        assert.deepStrictEqual({ code, stdout }, { code: 64, stdout: "" })
        assert.match(stderr, calls[index]?.words ?? /never/)
        assert.match(stderr, /^holdfast: see holdfast( start| dev)? --help$/m)
      }
    }))
})

/** Says something that is no greeting of a peer. */
const knock = (port: number): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const socket = connect(port, "127.0.0.1", () => socket.end("knock"))
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.void))
    socket.resume()
  })
