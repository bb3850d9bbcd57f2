/**
 * `dev.json` as scripts read it: whole at any moment, and never of an earlier run.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import * as DevJson from "../../src/cli/dev/DevJson.ts"
import { plan } from "../../src/cli/dev/Plan.ts"

const makeIn = Effect.fnUntraced(function*(dataDir: string) {
  const nodes = yield* plan({ nodes: 3, httpPort: 8081, raftPort: 9081, rpcPort: 7081, dataDir }, {})
  return yield* DevJson.make(dataDir, nodes)
})

const tempDir = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

const read = Effect.fnUntraced(function*(dataDir: string) {
  const fs = yield* FileSystem.FileSystem
  return JSON.parse(yield* fs.readFileString(`${dataDir}/dev.json`))
})

describe("dev.json", () => {
  it.effect("says what the contract says", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const devJson = yield* makeIn(dataDir)
      yield* devJson.setPids([["node1", 11], ["node2", 12], ["node3", 13]])
      yield* devJson.setPids([["node2", null]])
      const node = (number: number, pid: number | null) => ({
        nodeId: `node${number}`,
        pid,
        http: `127.0.0.1:${8080 + number}`,
        raft: `127.0.0.1:${9080 + number}`,
        rpc: `127.0.0.1:${7080 + number}`,
        dataDir: `${dataDir}/node${number}`
      })
      assert.deepStrictEqual(yield* read(dataDir), {
        pid: process.pid,
        nodes: [node(1, 11), node(2, null), node(3, 13)]
      })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.effect("of an earlier run is gone before anything is known of this one", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const fs = yield* FileSystem.FileSystem
      yield* fs.writeFileString(`${dataDir}/dev.json`, "{}")
      yield* makeIn(dataDir)
      assert.isFalse(yield* fs.exists(`${dataDir}/dev.json`))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("is whole whenever somebody looks", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const devJson = yield* makeIn(dataDir)
      yield* devJson.setPids([["node1", 0]])
      const writes = Effect.forEach(
        Array.from({ length: 200 }, (_, pid) => pid),
        (pid) => devJson.setPids([["node1", pid]]),
        { concurrency: 4, discard: true }
      )
      const looks = Effect.forever(Effect.map(read(dataDir), ({ nodes }) => assert.lengthOf(nodes, 3)))
      yield* Effect.raceFirst(writes, looks)
      assert.strictEqual((yield* read(dataDir)).nodes[0].pid, 199)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.effect("that cannot be written is told", () =>
    Effect.gen(function*() {
      const devJson = yield* makeIn("/no/such/directory")
      const { message } = yield* Effect.flip(devJson.setPids([]))
      assert.match(message, /^cannot write \/no\/such\/directory\/dev\.json: ENOENT/)
    }).pipe(Effect.provide(NodeServices.layer)))
})
