/** What a node counts: each thing once, also when it starts again; and values by their size. */
import { assert, describe, it } from "@effect/vitest"
import { RequestId } from "../../../src/lock/Identifiers.ts"
import type { LockEvent } from "../../../src/lock/LockEvent.ts"
import { Histogram } from "../../../src/node/metrics/Histogram.ts"
import { NodeMetrics } from "../../../src/node/metrics/NodeMetrics.ts"
import { name, token } from "../../lock/support/commands.ts"

const event = (kind: LockEvent["kind"], reason: LockEvent["reason"], millis: number): LockEvent => ({
  kind,
  lock: name("l"),
  label: "",
  owner: "",
  mode: "exclusive",
  token: token(1),
  reason,
  millis,
  queueLength: 0,
  wallMillis: 0
})

const renewed = {
  request: RequestId.make("r"),
  reply: { _tag: "SessionRenewed", ttlMillis: 1, expiresInMillis: 1 }
} as const

describe("A histogram", () => {
  it("counts a value at its bound and not below, and what is above all bounds", () => {
    const histogram = new Histogram([1, 2, 5])
    for (const value of [0, 1, 1.5, 2, 5, 5.1, 100]) histogram.observe(value)
    assert.deepStrictEqual(histogram.cumulative(), [[1, 2], [2, 4], [5, 5]])
    assert.deepStrictEqual([histogram.count, histogram.sum], [7, 114.6])
  })
})

describe("A node counts", () => {
  it("grants with what they were waited for, and each end by its reason", () => {
    const metrics = new NodeMetrics(0)
    const events = [event("granted", null, 2000), event("queued", null, 0), event("left", "timeout", 10)]
    metrics.applied(1, () => 0, [renewed], [
      ...events,
      event("expired", "max-hold", 500),
      event("released", "released", 20)
    ])
    assert.deepStrictEqual([metrics.grants, metrics.sessionsRenewed, metrics.entriesApplied], [1, 1, 1])
    assert.deepStrictEqual([metrics.waitSeconds.sum, metrics.holdSeconds.sum], [2, 0.52])
    assert.deepStrictEqual([...metrics.endedHolds], [["max-hold", 1], ["released", 1]])
    assert.deepStrictEqual([...metrics.endedWaits], [["timeout", 1]])
  })

  it("nothing again that it had in its log when it started", () => {
    const metrics = new NodeMetrics(7)
    for (const index of [6, 7, 8]) metrics.applied(index, () => 0, [renewed], [event("granted", null, 0)])
    assert.deepStrictEqual([metrics.grants, metrics.sessionsRenewed, metrics.entriesApplied], [1, 1, 1])
  })

  it("the time from a proposal until it is applied, of what it proposed itself", () => {
    const metrics = new NodeMetrics(0)
    metrics.proposed(3, 1000)
    metrics.applied(2, () => 1100, [], [])
    metrics.applied(3, () => 1250, [], [])
    assert.deepStrictEqual([metrics.commitSeconds.count, metrics.commitSeconds.sum], [1, 0.25])
  })
})
