/**
 * The log store in memory keeps the contract, and its disk can be slow.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { LogStore, LogStoreError } from "../../../src/node/LogStore.ts"
import * as LogStoreMemory from "../../../src/node/logstore/LogStoreMemory.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { logStoreContract } from "../../contract/LogStore.ts"
import type { Ground } from "../../contract/logstore/Ground.ts"
import { entriesOf, hardStateOf } from "./Entries.ts"

const open = (nodeId: NodeId, disk?: LogStoreMemory.MemoryDisk) =>
  Effect.map(Layer.build(LogStoreMemory.layer(disk ? { nodeId, disk } : { nodeId })), Context.get(LogStore))

const memoryGround = Effect.sync((): Ground => {
  const disk = LogStoreMemory.makeDisk()
  return {
    open: (nodeId) => open(nodeId, disk),
    fail: (reason) =>
      Effect.sync(() => {
        disk.sync = reason === null ? Effect.void : Effect.fail(new LogStoreError({ reason, message: reason }))
      })
  }
})

logStoreContract("LogStoreMemory", memoryGround, 200)

describe("A disk in memory", () => {
  const n1 = NodeId.make("n1")
  const write = { hardState: hardStateOf(1, n1), entries: entriesOf(1, 2) }

  it.effect("is forgotten with its store if nobody else has it", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.flatMap(open(n1), (store) => store.write(write)))
      const { recovered } = yield* open(n1)
      assert.deepStrictEqual(recovered.entries, [])
    }))

  it.effect("keeps a write when its sync is over, and not before", () =>
    Effect.gen(function*() {
      const disk = LogStoreMemory.makeDisk()
      const store = yield* open(n1, disk)
      disk.sync = Effect.sleep("10 seconds")
      const writing = yield* Effect.forkChild(store.write(write), { startImmediately: true })
      yield* TestClock.adjust(9_999)
      assert.deepStrictEqual(disk.contents?.entries, [])
      assert.isUndefined(writing.pollUnsafe())
      yield* TestClock.adjust(1)
      yield* Fiber.join(writing)
      assert.deepStrictEqual(disk.contents?.entries, write.entries)
    }))

  it.effect("loses a write whose node is stopped before its sync is over", () =>
    Effect.gen(function*() {
      const disk = LogStoreMemory.makeDisk()
      yield* Effect.scoped(Effect.gen(function*() {
        const store = yield* open(n1, disk)
        disk.sync = Effect.never
        const writing = yield* Effect.forkChild(store.write(write), { startImmediately: true })
        yield* Fiber.interrupt(writing)
      }))
      const { recovered } = yield* open(n1, disk)
      assert.deepStrictEqual(recovered.entries, [])
    }))
})
