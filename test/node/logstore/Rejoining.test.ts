/**
 * `--rejoin`: the data of a node is set aside and not deleted, once and not at each start, and never in silence.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setAsideOnce } from "../../../src/node/logstore/Rejoining.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { openSqlite, tempDir } from "./Directory.ts"

/** Sets aside, and gives the warning that was logged. */
const rejoin = (dataDir: string) =>
  Effect.gen(function*() {
    const said: Array<string> = []
    const logger = Logger.make<unknown, void>(({ logLevel, message }) => said.push(`${logLevel}: ${String(message)}`))
    yield* setAsideOnce(dataDir).pipe(Effect.provide([NodeServices.layer, Logger.layer([logger])]))
    assert.lengthOf(said, 1)
    return said[0] ?? ""
  })

const storeIdIn = (dataDir: string) =>
  Effect.scoped(Effect.map(openSqlite(dataDir, NodeId.make("n1")), ({ recovered }) => recovered.storeId))

describe("A node that rejoins", () => {
  it.effect("begins with an empty log and a store of its own, and what it had is kept", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      const before = yield* storeIdIn(dataDir)
      const log = readFileSync(join(dataDir, "log.sqlite"))
      const said = yield* rejoin(dataDir)
      assert.match(said, /^Warn: --rejoin: all that this node had is in \S+\/set-aside-1 now, and it joins as a new/)
      assert.deepEqual(readFileSync(join(dataDir, "set-aside-1", "log.sqlite")), log)
      assert.isFalse(existsSync(join(dataDir, "log.sqlite")))
      assert.notStrictEqual(yield* storeIdIn(dataDir), before)
    }))

  it.effect("keeps its data when it is started with the flag again", () =>
    Effect.gen(function*() {
      const dataDir = yield* tempDir
      yield* storeIdIn(dataDir)
      yield* rejoin(dataDir)
      const joined = yield* storeIdIn(dataDir)
      assert.match(yield* rejoin(dataDir), /^Warn: --rejoin does nothing, for this node came back with it already/)
      assert.strictEqual(yield* storeIdIn(dataDir), joined)
      rmSync(join(dataDir, "rejoined"))
      assert.match(yield* rejoin(dataDir), /set-aside-2 now/)
      assert.includeMembers(readdirSync(dataDir), ["set-aside-1", "set-aside-2"])
    }))

  it.effect("says that it had nothing", () =>
    Effect.gen(function*() {
      const dataDir = join(yield* tempDir, "new")
      assert.strictEqual(
        yield* rejoin(dataDir),
        `Warn: --rejoin: there was nothing to set aside in ${dataDir}, and this node joins as a new member`
      )
    }))

  it.effect("says that its directory is none", () =>
    Effect.gen(function*() {
      const file = join(yield* tempDir, "file")
      writeFileSync(file, "")
      const error = yield* Effect.flip(Effect.provide(setAsideOnce(file), NodeServices.layer))
      assert.strictEqual(error.reason, "not-writable")
      assert.include(error.message, file)
    }))
})
