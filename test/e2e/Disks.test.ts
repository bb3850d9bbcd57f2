/**
 * Disks that are not what a node needs: each stops it with a message that says what to do, and none makes
 * it forget or acknowledge what it has not synced.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { runToEnd } from "./harness/Holdfast.ts"
import { acquire, show, tokensOf } from "./harness/Locks.ts"
import { makeNodes, settled, tempDir } from "./harness/TestCluster.ts"
import { argsOf, make } from "./harness/TestNode.ts"
import { canMount, fill, makeRoom, tmpfs } from "./harness/Tmpfs.ts"
import { until } from "./harness/Until.ts"

describe("a data directory that", { concurrent: true }, () => {
  it.live("cannot be made or written stops the start", () =>
    Effect.gen(function*() {
      const directory = yield* tempDir
      writeFileSync(join(directory, "file"), "")
      const [node] = yield* makeNodes(1)
      const dataDir = join(directory, "file", "node1")
      const { code, stderr, stdout } = yield* runToEnd(argsOf({ ...node, dataDir }))
      assert.deepStrictEqual({ code, stdout }, { code: 1, stdout: "" })
      assert.strictEqual(
        stderr,
        `holdfast: The data directory ${dataDir} cannot be written (${join(directory, "file")} is not a directory). ` +
          "Let this user write there, or choose another directory.\n"
      )
    }))

  it.live("another process uses stops the second one, and leaves the first alone", () =>
    Effect.gen(function*() {
      const [node] = yield* makeNodes(1)
      const [other] = yield* makeNodes(1)
      yield* node.start
      const { code, stderr } = yield* runToEnd(argsOf({ ...other, dataDir: node.dataDir }))
      assert.strictEqual(code, 1)
      assert.strictEqual(
        stderr,
        `holdfast: The data directory ${node.dataDir} is in use by another process. ` +
          "Stop that process, or choose another directory.\n"
      )
      yield* settled([node])
      assert.strictEqual((yield* acquire(node, "a", { ttlMs: 1_000 })).status, 200)
    }))

  it.live("belongs to another node stops the start", () =>
    Effect.gen(function*() {
      const [node] = yield* makeNodes(1)
      yield* node.start
      yield* node.kill("SIGKILL")
      const other = { ...node, nodeId: "node9", peers: node.peers.replace("node1", "node9") }
      const { code, stderr } = yield* runToEnd(argsOf(other))
      assert.strictEqual(code, 1)
      assert.strictEqual(
        stderr,
        `holdfast: The data directory ${node.dataDir} belongs to node node1, and this is node node9. ` +
          "Start the node that it belongs to, or choose another directory.\n"
      )
    }))

  it.live("is new under a name that the cluster knows ends the node by name, and the others go on", () =>
    Effect.gen(function*() {
      const nodes = yield* makeNodes(3)
      yield* Effect.forEach(nodes, ({ start }) => start, { concurrency: "unbounded" })
      const { followers: [wiped, other], leader } = yield* settled(nodes)
      assert.isDefined(wiped)
      assert.isDefined(other)
      const held = yield* acquire(leader, "kept", { ttlMs: 60_000 })
      yield* wiped.kill("SIGKILL")
      rmSync(wiped.dataDir, { recursive: true })
      const { code, stderr } = yield* runToEnd(argsOf(wiped))
      assert.strictEqual(code, 1)
      assert.match(
        stderr,
        new RegExp(
          `^holdfast: disk replaced: ${wiped.nodeId} was a member with another data directory than the one it has now`,
          "m"
        )
      )
      yield* settled([leader, other])
      assert.deepStrictEqual(tokensOf(yield* show(other, "kept")), [held.body["token"]])
    }))

  it.live("belongs to another cluster ends the node by name, and the others go on", () =>
    Effect.gen(function*() {
      const [stranger] = yield* makeNodes(1)
      yield* stranger.start
      yield* settled([stranger])
      yield* stranger.kill("SIGKILL")
      const nodes = yield* makeNodes(3)
      const [, ...others] = nodes
      yield* Effect.forEach(others, ({ start }) => start, { concurrency: "unbounded" })
      yield* settled(others)
      const { code, stderr } = yield* runToEnd(argsOf({ ...nodes[0], dataDir: stranger.dataDir }))
      assert.strictEqual(code, 1)
      assert.match(
        stderr,
        /^holdfast: node1 has the data of cluster [0-9a-f]{32}, and node[23] belongs to cluster [0-9a-f]{32}: point /m
      )
      assert.strictEqual((yield* settled(others)).followers.length, 1)
    }))
})

describe("a disk that is full", { concurrent: true }, () => {
  it.live.runIf(canMount)(
    "stops a node from taking writes until there is room, and loses nothing it has acknowledged",
    () =>
      Effect.gen(function*() {
        const disk = yield* tmpfs(6_000)
        const [place] = yield* makeNodes(1)
        const node = yield* make({ ...place, dataDir: join(disk, "node1") })
        yield* node.start
        yield* settled([node])
        yield* fill(disk, 300)

        const value = "v".repeat(4_000)
        const write = (name: string) => acquire(node, name, { ttlMs: 600_000, value })
        const acknowledged: Array<string> = []
        const refused = yield* until(
          "a write is refused",
          Effect.suspend(() => {
            const name = `lock ${acknowledged.length}`
            return Effect.map(write(name), ({ status }) => {
              if (status !== 200) return status
              acknowledged.push(name)
              return null
            })
          })
        )
        assert.isAbove(acknowledged.length, 3)
        assert.include([503, 504], refused)
        assert.include(node.said(), "takes no writes until there is room on the disk")
        assert.strictEqual((yield* node.request("GET", "/readyz")).status, 503)
        assert.include([503, 504], (yield* write("while it is full")).status)

        yield* makeRoom(disk)
        yield* until(
          "it is ready",
          Effect.map(node.request("GET", "/readyz"), ({ status }) => status === 200 ? true : null)
        )
        assert.strictEqual((yield* write("after all")).status, 200)
        yield* node.kill("SIGKILL")
        yield* node.start
        yield* settled([node])
        for (const name of [...acknowledged, "after all"]) assert.lengthOf(tokensOf(yield* show(node, name)), 1)
      })
  )
})
