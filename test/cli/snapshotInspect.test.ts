/**
 * `holdfast snapshot inspect`: what a backup holds, and what is wrong with a file that is none.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { backupBytes, writeBackup, wrongFiles } from "./support/BackupFile.ts"
import { directory } from "./support/Directory.ts"
import { holdfast } from "./support/running.ts"

const sha256 = createHash("sha256").update(backupBytes()).digest("hex")

describe("A backup that is inspected", () => {
  it.live("is shown to people", () =>
    Effect.gen(function*() {
      const file = join(yield* directory, "backup")
      writeBackup(file)
      const { code, stderr, stdout } = yield* holdfast("snapshot", "inspect", file)
      assert.deepStrictEqual([code, stderr], [0, ""])
      assert.deepStrictEqual(stdout.split("\n"), [
        `file      ${file}, ${backupBytes().length} B, whole; written by Holdfast 0.0.9`,
        `SHA-256   ${sha256}`,
        "cluster   old",
        "entry     42 of term 7",
        "locks     1, of 2 sessions; the longest TTL is 1m",
        "token     1 is the last one that was given",
        "",
        "node   role     Raft",
        "node1  voter    10.0.0.1:9081",
        "node2  learner  10.0.0.2:9081"
      ])
    }))

  it.live("is shown to scripts", () =>
    Effect.gen(function*() {
      const file = join(yield* directory, "backup")
      writeBackup(file)
      const { stdout } = yield* holdfast("snapshot", "inspect", "--json", file)
      assert.deepStrictEqual(JSON.parse(stdout), {
        file,
        bytes: backupBytes().length,
        sha256,
        release: "0.0.9",
        clusterId: "old",
        index: 42,
        term: 7,
        members: [
          { nodeId: "node1", raft: "10.0.0.1:9081", voter: true },
          { nodeId: "node2", raft: "10.0.0.2:9081", voter: false }
        ],
        sessions: 2,
        locks: 1,
        lastToken: 1,
        longestTtlMs: 60_000
      })
    }))
})

describe("A file that is no backup", () => {
  it.live.each(wrongFiles)("%s", ([, bytes, said]) =>
    Effect.gen(function*() {
      const file = join(yield* directory, "backup")
      writeFileSync(file, bytes())
      const { code, stderr, stdout } = yield* holdfast("snapshot", "inspect", file)
      assert.deepStrictEqual([code, stdout], [1, ""])
      assert.match(stderr, said)
      assert.include(stderr, file)
      assert.match(stderr, /Use another backup\.$/)
    }))

  it.live("is not there, or is a directory", () =>
    Effect.gen(function*() {
      const path = yield* directory
      const inspect = (name: string) => holdfast("snapshot", "inspect", join(path, name))
      mkdirSync(join(path, "inner"))
      assert.deepStrictEqual(yield* inspect("none"), {
        code: 1,
        stdout: "",
        stderr: `The backup cannot be read: ENOENT: no such file or directory, open '${join(path, "none")}'.`
      })
      assert.deepStrictEqual(yield* inspect("inner"), {
        code: 1,
        stdout: "",
        stderr: "The backup cannot be read: EISDIR: illegal operation on a directory, read."
      })
    }))
})
