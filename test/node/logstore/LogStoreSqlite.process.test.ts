/**
 * The log store in processes of their own: killed, started twice, with a disk that is full and one that fails.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { NodeId } from "../../../src/raft/Membership.ts"
import type { Said } from "./child.main.ts"
import { type Child, startChild } from "./Child.ts"
import { openSqlite, tempDir } from "./Directory.ts"
import { commandOf } from "./Entries.ts"

const n1 = NodeId.make("n1")

const lastAcknowledged = (said: ReadonlyArray<Said>) =>
  said.reduce((last, line) => "acknowledged" in line ? line.acknowledged : last, 0)

/** Listens until it has acknowledged an entry, kills it, and says which entry was the last in truth. */
const killAfter = Effect.fnUntraced(function*(child: Child, index: number) {
  const heard: Array<Said> = []
  while (lastAcknowledged(heard) < index) {
    const said = yield* child.next
    assert.isDefined(said)
    heard.push(said)
  }
  yield* child.kill
  return lastAcknowledged([...heard, ...yield* child.rest])
})

describe("A process with a log", () => {
  it.live("leaves all that it acknowledged when it is killed, time and again", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      let acknowledged = 0
      for (const more of [1, 60]) {
        acknowledged = yield* killAfter(yield* startChild(dataDir, "write"), acknowledged + more)
      }
      const { recovered: { entries } } = yield* openSqlite(dataDir, n1)
      assert.isAtLeast(entries.length, acknowledged)
      // One write may have been kept without being told of.
      assert.isAtMost(entries.length, acknowledged + 1)
      for (const entry of entries) {
        assert.deepStrictEqual(entry, commandOf(entry.index, new Uint8Array(300).fill(entry.index)))
      }
    }))

  it.live("keeps others out for as long as it lives, and no longer", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const child = yield* startChild(dataDir, "hold")
      assert.deepStrictEqual(yield* child.next, { opened: 0 })

      const second = yield* startChild(dataDir, "hold")
      assert.deepStrictEqual(yield* second.next, { failed: "in-use" })
      const error = yield* Effect.flip(Effect.scoped(openSqlite(dataDir, n1)))
      assert.strictEqual(error.reason, "in-use")
      assert.include(error.message, dataDir)

      yield* child.kill
      const { recovered } = yield* openSqlite(dataDir, n1)
      assert.deepStrictEqual(recovered.entries, [])
    }))

  // A file that grows beyond the limit is an error of the disk to SQLite, and not a full one.
  it.live("writes nothing more when its disk has failed", () =>
    Effect.gen(function*() {
      const child = yield* startChild(join(yield* tempDir, "data"), "fill", `trap "" XFSZ; ulimit -f 600; exec "$@"`)
      const said = yield* child.rest
      const last = lastAcknowledged(said)
      assert.isAtLeast(last, 1)
      assert.deepStrictEqual(said.slice(last + 1), [{ failed: "io" }, { failed: "io" }, { opened: last }])
    }))

  // In the shell, $4 is the data directory, in a disk of 1 MiB that nobody else sees.
  const onSmallDisk = `mkdir "\${4%/*}" && mount -t tmpfs -o size=1m none "\${4%/*}" && ` +
    `head -c 200000 /dev/zero > "$4.ballast" && exec "$@"`

  it.live.runIf(canMount())(
    "loses nothing when its disk is full, and goes on when there is room",
    () =>
      Effect.gen(function*() {
        const dataDir = join(yield* tempDir, "disk", "data")
        const child = yield* startChild(dataDir, "fill", `exec unshare -Urm sh -c '${onSmallDisk}' sh "$@"`)
        const said = yield* child.rest
        const last = said.findIndex((line) => "failed" in line) - 1
        assert.isAtLeast(last, 1)
        assert.deepStrictEqual(said.slice(last + 1), [{ failed: "full" }, { acknowledged: last + 1 }, {
          opened: last + 1
        }])
      })
  )
})

/** Whether this machine lets us mount a small disk where nobody else sees it. */
function canMount(): boolean {
  return spawnSync("sh", ["-c", "unshare -Urm mount -t tmpfs none /mnt"]).status === 0
}
