/**
 * `holdfast dev`: a whole cluster of processes on this machine, which outlives none of the ways to end it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type DevPlace, makePlace, newsOf, readDevJson, startDev, warningsOf } from "./harness/DevCluster.ts"
import { occupy } from "./harness/FreePorts.ts"
import { type Holdfast, isAlive, runToEnd } from "./harness/Holdfast.ts"
import { request } from "./harness/Http.ts"
import * as TestNode from "./harness/TestNode.ts"
import { until } from "./harness/Until.ts"

const pidsOf = (place: DevPlace) =>
  Effect.map(readDevJson(place), ({ nodes }) => nodes.flatMap(({ pid }) => pid === null ? [] : [pid]))

const untilGone = (pids: ReadonlyArray<number>) =>
  until(`${pids.join()} have ended`, Effect.sync(() => pids.some(isAlive) ? null : true))

/** The first node, which dev has seen end, is run in a terminal of its own, and stopped; then it cannot be started. */
const startedByHand = Effect.fnUntraced(function*({ dataDir, firstPorts }: DevPlace, dev: Holdfast) {
  const at = (position: number) => `http://127.0.0.1:${firstPorts.http + position}`
  const peers = [0, 1, 2].map((position) => `node${position + 1}@127.0.0.1:${firstPorts.raft + position}`).join(",")
  const { http: httpPort, raft: raftPort, rpc: rpcPort } = firstPorts
  const place = { nodeId: "node1", httpPort, raftPort, rpcPort, dataDir: join(dataDir, "node1"), peers }
  const stateIs = (state: string) =>
    until(
      `node1 is ${state}`,
      Effect.map(
        request("GET", `${at(1)}/dev/state`),
        ({ body }) => JSON.stringify(body).includes(`{"nodeId":"node1","state":"${state}"}`) ? true : null
      )
    )
  const start = request("POST", `${at(1)}/dev/nodes`, { nodeId: "node1", action: "start" })
  yield* stateIs("stopped")
  const byHand = yield* TestNode.make(place)
  yield* byHand.start
  yield* stateIs("elsewhere")
  const refused = yield* start
  assert.strictEqual(refused.status, 409)
  assert.match(
    String(refused.body["detail"]),
    /^node1 runs, and was not started by this holdfast dev but in another terminal: stop it there/
  )
  const { body } = yield* byHand.request("GET", "/cluster/overview")
  const told = Object.values(Object(body["nodes"])).map((node) => [Object(node).nodeId, Object(node).view?.dev])
  assert.deepStrictEqual(told, [["node1", false], ["node2", true], ["node3", true]])
  yield* byHand.kill("SIGTERM")
  yield* stateIs("stopped")
  yield* Effect.scoped(Effect.andThen(
    occupy(httpPort),
    Effect.map(start, ({ body, status }) => {
      assert.strictEqual(status, 409)
      assert.match(String(body["detail"]), /^node1 ended with exit code 1: Cannot serve HTTP on .* is in use/)
    })
  ))
  yield* until("the failure is told", Effect.sync(() => warningsOf(dev).length === 2 ? true : null))
})

describe("a cluster on this machine", { concurrent: true }, () => {
  it.live("shows where each node is, tells of one that dies and does not start it again, and stops on Ctrl-C", () =>
    Effect.gen(function*() {
      const place = yield* makePlace(3)
      const dev = yield* startDev(place)
      const { http, raft, rpc } = place.firstPorts
      const { nodes, pid } = yield* readDevJson(place)
      assert.strictEqual(pid, dev.pid)
      assert.deepStrictEqual(
        nodes,
        [0, 1, 2].map((position) => ({
          nodeId: `node${position + 1}`,
          pid: nodes[position]?.pid ?? null,
          http: `127.0.0.1:${http + position}`,
          raft: `127.0.0.1:${raft + position}`,
          rpc: `127.0.0.1:${rpc + position}`,
          dataDir: join(place.dataDir, `node${position + 1}`)
        }))
      )
      for (const node of nodes) {
        assert.isTrue(isAlive(node.pid ?? 0))
        assert.match(dev.stdout(), new RegExp(`^${node.nodeId} +${node.pid} +http://${node.http} +${node.raft} `, "m"))
        assert.deepInclude((yield* request("GET", `http://${node.http}/cluster/status`)).body, { nodeId: node.nodeId })
      }
      yield* until("a node's line", Effect.sync(() => dev.stderr().includes(`"node":"node2"`) ? true : null))
      assert.deepStrictEqual(newsOf(dev), ["Starts 3 nodes"])

      const [victim, ...others] = yield* pidsOf(place)
      process.kill(victim ?? 0, "SIGKILL")
      yield* until("dev.json shows it", Effect.map(pidsOf(place), ({ length }) => length === 2 ? true : null))
      yield* Effect.sleep(300)
      assert.deepStrictEqual(warningsOf(dev), ["node1 was killed by SIGKILL; it is not started again"])
      assert.deepStrictEqual(yield* pidsOf(place), others)
      yield* startedByHand(place, dev)

      yield* dev.kill("SIGINT")
      assert.deepStrictEqual(yield* dev.ended, { code: 0, signal: null })
      assert.deepStrictEqual(yield* pidsOf(place), [])
      assert.isFalse(others.some(isAlive))
      assert.deepStrictEqual(newsOf(dev), [
        "Starts 3 nodes",
        "node1 runs, and was not started by this holdfast dev but in another terminal: it is stopped there",
        "node1, which was started in another terminal, runs no more",
        `Stopped; the data is still in ${place.dataDir}`
      ])
      assert.lengthOf(warningsOf(dev), 2)
    }))

  it.live("is shown with a leader and without a node that was turned away, and ends when dev is killed", () =>
    Effect.gen(function*() {
      const place = yield* makePlace(3)
      const first = yield* startDev(place)
      // By then all three are linked, so that their disks are recorded before this.
      const { nodes: [node1] } = yield* readDevJson(place)
      const granted = yield* request("POST", `http://${node1?.http}/v1/locks/a/acquire`, { ttlMs: 60_000 })
      assert.strictEqual(granted.status, 200)
      const stopped = yield* pidsOf(place)
      yield* first.kill("SIGTERM")
      assert.deepStrictEqual(yield* first.ended, { code: 0, signal: null })
      assert.isFalse(stopped.some(isAlive))
      rmSync(join(place.dataDir, "node2"), { recursive: true })
      const dev = yield* startDev(place)
      assert.match(dev.stdout(), /^node2 +- +has ended /m)
      assert.match(dev.stdout(), /^node1 +\d+ +http:/m)
      const { body } = yield* request("GET", `http://${node1?.http}/cluster/status`)
      assert.isString(body["leaderId"])
      yield* until("it is told", Effect.sync(() => warningsOf(dev).length > 0 ? true : null))
      assert.match(
        warningsOf(dev)[0] ?? "",
        /^node2 ended with exit code 1: disk replaced: .*; it is not started again$/
      )
      const left = yield* pidsOf(place)
      assert.lengthOf(left, 2)
      yield* dev.kill("SIGKILL")
      yield* untilGone(left)
      assert.deepStrictEqual(yield* dev.ended, { code: null, signal: "SIGKILL" })
    }))

  it.live("ends dev when no node is left", () =>
    Effect.gen(function*() {
      const place = yield* makePlace(1)
      const dev = yield* startDev(place)
      for (const pid of yield* pidsOf(place)) process.kill(pid, "SIGTERM")
      assert.deepStrictEqual(yield* dev.ended, { code: 1, signal: null })
      assert.deepStrictEqual(warningsOf(dev), [])
      assert.include(newsOf(dev), "node1 ended with exit code 0; it is not started again")
      assert.match(dev.stderr(), /^holdfast: no node is left$/m)
    }))

  it.live("is one to a data directory, and stops on SIGHUP as on Ctrl-C", () =>
    Effect.gen(function*() {
      const place = yield* makePlace(1)
      const { dataDir } = place
      const dev = yield* startDev(place)
      const second = yield* runToEnd([...(yield* makePlace(1)).args.slice(0, -1), `--data-dir=${dataDir}`])
      assert.deepStrictEqual(second, {
        code: 1,
        signal: null,
        stdout: "",
        stderr: `holdfast: another holdfast dev holds ${dataDir}; stop it, or choose another with --data-dir\n`
      })
      assert.strictEqual((yield* readDevJson(place)).pid, dev.pid)
      const pids = yield* pidsOf(place)
      assert.isTrue(pids.every(isAlive))
      yield* dev.kill("SIGHUP")
      assert.deepStrictEqual(yield* dev.ended, { code: 0, signal: null })
      assert.isFalse(pids.some(isAlive))
    }))
})

describe("a cluster that cannot start", { concurrent: true }, () => {
  it.live("leaves nothing behind when ports are in use", () =>
    Effect.gen(function*() {
      const place = yield* makePlace(3)
      const { http, raft } = place.firstPorts
      yield* occupy(http + 1)
      yield* occupy(raft + 2)
      const { code, stderr, stdout } = yield* runToEnd(place.args)
      assert.deepStrictEqual({ code, stdout }, { code: 1, stdout: "" })
      assert.strictEqual(
        stderr,
        `holdfast: nothing was started: cannot listen on 127.0.0.1 at ${http + 1} (HTTP of node2, in use), ` +
          `${raft + 2} (Raft of node3, in use); --http-port, --raft-port, --rpc-port choose other ports\n`
      )
      assert.isFalse(existsSync(join(place.dataDir, "dev.json")))
      assert.isFalse(existsSync(join(place.dataDir, "node1")))
    }))

  it.live("ends with the words of the node that could not, and with all others", () =>
    Effect.gen(function*() {
      const place = yield* makePlace(3)
      mkdirSync(place.dataDir)
      writeFileSync(join(place.dataDir, "node2"), "")
      const { code, stderr, stdout } = yield* runToEnd(place.args)
      assert.deepStrictEqual({ code, stdout }, { code: 1, stdout: "" })
      const [, words] = /^holdfast: (.*)$/m.exec(stderr) ?? []
      assert.match(words ?? "", /^node2 ended with exit code 1: The data directory .*node2 cannot be written/)
      assert.deepStrictEqual(yield* pidsOf(place), [])
    }))
})
