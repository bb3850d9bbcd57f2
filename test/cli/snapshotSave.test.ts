/**
 * `holdfast snapshot save`, against a node that is not there but answers: a file that is there whole or not at all, and
 * never instead of another one.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { SnapshotFailed } from "../../src/api/Problems.ts"
import { makeAdminRecorder } from "../server/FakeAdmin.ts"
import * as RpcTestServer from "../server/rpc/RpcTestServer.ts"
import { backupBytes } from "./support/BackupFile.ts"
import { directory } from "./support/Directory.ts"
import { holdfast } from "./support/running.ts"

const recorder = makeAdminRecorder()

const save = (file: string, ...flags: ReadonlyArray<string>) =>
  Effect.flatMap(
    RpcTestServer.port,
    (port) => holdfast("snapshot", "save", file, `--nodes=127.0.0.1:${port}`, ...flags)
  )

layer(RpcTestServer.layer({ recorder }), { excludeTestServices: true })("A backup", (it) => {
  it.effect("is the snapshot of a node, for its owner's eyes", () =>
    Effect.gen(function*() {
      const file = join(yield* directory, "backup")
      const bytes = backupBytes()
      recorder.snapshot = { pieces: [bytes.subarray(0, 100), bytes.subarray(100)] }
      const { code, stderr, stdout } = yield* save(file)
      assert.deepStrictEqual([code, stdout], [0, `${file} is a snapshot of node1 at entry 42, ${bytes.length} B long.`])
      // The node that answers knows of no leader, and a backup of it may be old.
      assert.match(stderr, /node1 knows of no leader; its snapshot may lack/)
      assert.deepEqual(readFileSync(file), bytes)
      assert.strictEqual(statSync(file).mode & 0o777, 0o600)
      assert.deepStrictEqual(readdirSync(join(file, "..")), ["backup"])
    }))

  it.effect("says for scripts what it is", () =>
    Effect.gen(function*() {
      const file = join(yield* directory, "backup")
      recorder.snapshot = { pieces: [backupBytes()] }
      const { stdout } = yield* save(file, "--json")
      assert.deepStrictEqual(JSON.parse(stdout), { file, nodeId: "node1", index: 42, bytes: backupBytes().length })
    }))

  it.effect("never takes the place of a file", () =>
    Effect.gen(function*() {
      const file = join(yield* directory, "backup")
      writeFileSync(file, "last week's")
      const { code, stderr } = yield* save(file)
      assert.strictEqual(code, 1)
      assert.include(stderr, `${file} is there already; choose another name, or move it away`)
      assert.strictEqual(readFileSync(file, "utf8"), "last week's")
    }))

  it.effect("that breaks off leaves nothing behind", () =>
    Effect.gen(function*() {
      const path = yield* directory
      const cut = new SnapshotFailed({ detail: "The file is gone." })
      recorder.snapshot = { pieces: [Buffer.from("half")], cut }
      const { code, stderr, stdout } = yield* save(join(path, "backup"))
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.include(stderr, "The file is gone.")
      assert.deepStrictEqual(readdirSync(path), [])
    }))

  it.effect("that is not what it should be leaves nothing behind", () =>
    Effect.gen(function*() {
      const path = yield* directory
      recorder.snapshot = { pieces: [backupBytes().subarray(0, -1)] }
      const { code, stderr, stdout } = yield* save(join(path, "backup"))
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.match(stderr, /backup\.part is damaged: it ends with byte \d+, where more must come\. Save it again\.$/)
      assert.deepStrictEqual(readdirSync(path), [])
    }))

  it.effect("says why it cannot be written", () =>
    Effect.gen(function*() {
      recorder.snapshot = { pieces: [Buffer.alloc(10)] }
      const file = join(yield* directory, "no", "such", "place")
      const { code, stderr } = yield* save(file)
      assert.strictEqual(code, 1)
      assert.match(stderr, /cannot write \S+: ENOENT: no such file or directory/)
      assert.isFalse(existsSync(file))
    }))
})
