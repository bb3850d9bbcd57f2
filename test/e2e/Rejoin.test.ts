/**
 * A node whose disk is an old copy of itself, or is damaged: it stops or does not start, says what to do, and with
 * `--rejoin` comes back as a new member with what the others know, while what it had is kept.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cpSync, existsSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { runToEnd } from "./harness/Holdfast.ts"
import { acquire, show, tokensOf } from "./harness/Locks.ts"
import { makeNodes, settled } from "./harness/TestCluster.ts"
import { argsOf, make } from "./harness/TestNode.ts"
import { until } from "./harness/Until.ts"

describe("a node whose disk is not what it was", () => {
  it.live("is told to rejoin, and does", () =>
    Effect.gen(function*() {
      const nodes = yield* makeNodes(3)
      yield* Effect.forEach(nodes, ({ start }) => start, { concurrency: "unbounded", discard: true })
      const { followers: [damaged], leader } = yield* settled(nodes)
      assert.isDefined(damaged)
      const held = yield* acquire(leader, "kept", { ttlMs: 600_000 })
      yield* damaged.kill("SIGTERM")
      const copy = `${damaged.dataDir}-copy`
      cpSync(damaged.dataDir, copy, { recursive: true })
      yield* damaged.start
      const { commitIndex } = yield* leader.status
      const hasMore = Effect.map(damaged.status, (status) => status.commitIndex > commitIndex ? true : null)
      yield* until("it has acknowledged more than the copy has", hasMore)
      yield* damaged.kill("SIGKILL")
      rmSync(damaged.dataDir, { recursive: true })
      cpSync(copy, damaged.dataDir, { recursive: true })
      const putBack = yield* runToEnd(argsOf(damaged))
      assert.strictEqual(putBack.code, 1)
      assert.match(
        putBack.stderr,
        new RegExp(`^holdfast: ${damaged.nodeId} has gone back in time: its log ends with entry .*--rejoin`, "m")
      )

      writeFileSync(join(damaged.dataDir, "log.sqlite"), "no log at all")
      const refused = yield* runToEnd(argsOf(damaged))
      assert.strictEqual(refused.code, 1)
      assert.match(refused.stderr, /is damaged[^]*--rejoin/)

      const rejoining = yield* make({ ...damaged, flags: ["--rejoin"] })
      yield* rejoining.start
      assert.include(rejoining.said(), "set-aside-1")
      assert.isTrue(existsSync(join(damaged.dataDir, "set-aside-1", "log.sqlite")))
      const isVoter = Effect.map(rejoining.status, ({ leaderId, members }) =>
        leaderId !== null && members.some(({ self, voter }) => self && voter) ? true : null)
      yield* until("it is a voter again", isVoter, 60_000)
      assert.deepStrictEqual(tokensOf(yield* show(rejoining, "kept")), [held.body["token"]])
    }))
})
