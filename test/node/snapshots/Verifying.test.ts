/** A node that finds its own snapshot damaged, and cannot put it aside. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FiberMap, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { NodeEvent } from "../../../src/node/NodeEvent.ts"
import type { Shell } from "../../../src/node/Shell.ts"
import * as SnapshotWork from "../../../src/node/snapshots/SnapshotWork.ts"
import * as Verifying from "../../../src/node/snapshots/Verifying.ts"
import { failure } from "../../../src/node/snapshotstore/Failure.ts"
import { snapshotAt } from "../snapshotstore/Snapshots.ts"

const stored = { snapshot: snapshotAt(10), bytes: 1000, checksum: "c".repeat(64) }

describe("A snapshot that is damaged on a disk that takes nothing", () => {
  it.effect("is read once for whoever asks, who is told so", () =>
    Effect.gen(function*() {
      const outcomes: Array<unknown> = []
      let reads = 0
      const inbox = yield* Queue.bounded<NodeEvent>(4)
      const shell = {
        inbox,
        beside: yield* FiberMap.make<string>(),
        now: () => 0,
        snapshots: SnapshotWork.idle(),
        snapshotStore: {
          latest: () => stored,
          pieces: Stream.suspend(() => {
            reads += 1
            return Stream.fail(failure("corrupt", "disk", "a bit has turned"))
          }),
          setAside: () => Effect.fail(failure("not-writable", "disk", "EROFS"))
        }
      } as unknown as Shell
      yield* Verifying.verified(shell, stored, (outcome) => outcomes.push(outcome))
      yield* TestClock.adjust(0)
      assert.lengthOf(outcomes, 1)
      assert.deepInclude(outcomes[0] as object, { _tag: "SnapshotStoreError", reason: "not-writable" })
      assert.strictEqual(yield* Queue.size(inbox), 0, "nobody asks again")
      // Who asks later is told what is so then.
      yield* Verifying.verified(shell, stored, (outcome) => outcomes.push(outcome))
      yield* TestClock.adjust(0)
      assert.lengthOf(outcomes, 2)
      assert.strictEqual(reads, 2)
    }).pipe(Effect.scoped))
})
