/** When a node takes a snapshot that could not be written the first time. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, FiberMap, Queue } from "effect"
import { TestClock } from "effect/testing"
import { LockStore } from "../../../src/node/LockStore.ts"
import { NodeMetrics } from "../../../src/node/metrics/NodeMetrics.ts"
import type { NodeEvent } from "../../../src/node/NodeEvent.ts"
import type { Shell } from "../../../src/node/Shell.ts"
import * as SnapshotWork from "../../../src/node/snapshots/SnapshotWork.ts"
import * as Taking from "../../../src/node/snapshots/Taking.ts"
import { failure } from "../../../src/node/snapshotstore/Failure.ts"
import * as Alarm from "../../../src/node/time/Alarm.ts"
import { LogIndex } from "../../../src/raft/Entry.ts"
import { node } from "../../raft/support/build.ts"

const bytesMin = 1000

/** A node that has applied long entries since its start, before a disk that is full. */
const makeNode = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const state = node({ log: Array.from({ length: 30 }, () => 1) })
  const counted = { writes: 0, isFull: true }
  const shell = {
    state,
    inbox: yield* Queue.bounded<NodeEvent>(4),
    beside: yield* FiberMap.make<string>(),
    config: { snapshots: { bytesMin, entries: 1_000_000 } },
    lastApplied: LogIndex.make(30),
    lockStore: yield* LockStore,
    metrics: new NodeMetrics(state.log.lastIndex),
    now: () => Alarm.monotonicMillis(clock),
    snapshots: { ...SnapshotWork.idle(), bytesSince: bytesMin },
    snapshotStore: {
      latest: () => null,
      write: () =>
        Effect.suspend(() => {
          counted.writes += 1
          return counted.isFull ? failure("full", "disk", "ENOSPC") : Effect.never
        })
    }
  } as unknown as Shell
  const turn = Effect.andThen(Effect.suspend(() => Taking.takeIfDue(shell)), TestClock.adjust(0))
  return { counted, shell, turn }
})

describe("A snapshot that could not be written", () => {
  it.effect("is written half a minute later, and not only when as much has been appended again", () =>
    Effect.gen(function*() {
      const { counted, shell, turn } = yield* makeNode
      yield* turn
      assert.strictEqual(counted.writes, 1)
      counted.isFull = false
      yield* TestClock.adjust(29_999)
      yield* turn
      assert.strictEqual(counted.writes, 1)
      yield* TestClock.adjust(1)
      yield* turn
      assert.strictEqual(counted.writes, 2)
      assert.strictEqual(shell.snapshots.bytesSince, 0)
    }).pipe(Effect.provide(LockStore.layer), Effect.scoped))
})
