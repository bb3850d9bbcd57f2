/**
 * Batches and outcomes come back as they were, whatever is in them, and bytes that nobody has packed are refused.
 */
import { assert, describe, it } from "@effect/vitest"
import { Redacted } from "effect"
import { SessionId } from "../../src/api/Fields.ts"
import { LockHeld, NoLeader } from "../../src/api/Problems.ts"
import type { Acquire, Group, Outcome } from "../../src/api/rpc/Conversation.ts"
import * as Packed from "../../src/api/rpc/Packed.ts"

const session = SessionId.make(Redacted.make("s".repeat(22)))

const bare: Acquire = { _tag: "Acquire", id: 1, seq: 2, lock: "a/é/\u{1f512}", owner: "", waitMs: 0 }

const present = [
  { mode: "exclusive" },
  { mode: "shared" },
  { permits: 10_000 },
  { lockDelayMs: 60_000 },
  { maxHoldMs: 86_400_000 },
  { value: "" },
  { value: "x".repeat(4096) },
  { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` }
] as const satisfies ReadonlyArray<Partial<Acquire>>

/** Every field that may be absent, alone and with each other one. */
const acquires = present.flatMap((one) => present.map((other): Acquire => ({ ...bare, ...one, ...other })))

const groups: ReadonlyArray<Group> = [
  { session, seqDone: Number.MAX_SAFE_INTEGER, operations: [bare, ...acquires] },
  { session, operations: [{ _tag: "Release", id: 3, seq: 0, lock: "b", owner: "w/1", token: 2 ** 40 }] },
  { session, seqDone: 0, operations: [{ _tag: "RenewSession", id: 4 }, { _tag: "EndSession", id: 5 }] },
  {
    operations: [
      { _tag: "Ping", id: 6 },
      { _tag: "OpenSession", id: 7, ttlMs: 15_000, label: "worker" },
      { _tag: "Look", id: 8, lock: "c" },
      { _tag: "Check", id: 9, lock: "c", token: 1 }
    ]
  },
  { operations: [] }
]

const holder = { label: "w", owner: "", mode: "exclusive", token: 7, heldMs: 1, expiresInMs: 2 } as const

const outcomes: ReadonlyArray<Outcome> = [
  { _tag: "Granted", id: 1, token: 2 ** 40, expiresInMs: 0 },
  { _tag: "Granted", id: 2, token: 1, expiresInMs: 14_999, holdEndsInMs: 0 },
  { _tag: "Released", id: 300 },
  { _tag: "SessionRenewed", id: 70_000 },
  { _tag: "Pong", id: Number.MAX_SAFE_INTEGER },
  { _tag: "SessionEnded", id: 6 },
  { _tag: "SessionOpened", id: 7, session },
  { _tag: "Checked", id: 8, valid: false },
  { _tag: "Failed", id: 9, problem: new LockHeld({ holders: [holder], queueLength: 1, lockDelayLeftMs: 0 }) },
  { _tag: "Failed", id: 10, problem: new NoLeader({}) },
  { _tag: "Leader", address: null },
  { _tag: "Leader", address: "127.0.0.1:7081" }
]

/** Redacted texts are equal only if they are one: what they hide is compared. */
const open = (all: ReadonlyArray<Group | Outcome>) =>
  all.map((one) => "session" in one && one.session ? { ...one, session: Redacted.value(one.session) } : one)

describe("What is packed", () => {
  it("comes back as it was", () => {
    assert.deepStrictEqual(open(Packed.batch.decode(Packed.batch.encode(groups))), open(groups))
    assert.deepStrictEqual(open(Packed.outcomes.decode(Packed.outcomes.encode(outcomes))), open(outcomes))
    assert.deepStrictEqual(Packed.batch.decode(Packed.batch.encode([])), [])
  })

  it("comes back also where no client should have asked so: the node says what is wrong", () => {
    const wrong: Group = { operations: [{ ...bare, waitMs: -1 }, { ...bare, permits: -3 }] }
    assert.deepStrictEqual(Packed.batch.decode(Packed.batch.encode([wrong])), [wrong])
  })

  it("takes little room", () => {
    assert.isBelow(Packed.batch.encode([{ session, seqDone: 9, operations: [{ ...bare, lock: "lock" }] }]).length, 40)
    assert.isBelow(Packed.outcomes.encode(outcomes.slice(0, 1)).length, 16)
  })

  const short: ReadonlyArray<Group> = [{ session, operations: acquires.slice(0, 6) }, ...groups.slice(1)]
  it.each([["a batch", Packed.batch, short], ["outcomes", Packed.outcomes, outcomes]] as const)(
    "is refused when it was cut or has more than %s",
    (_, codec, value) => {
      const bytes = codec.encode(value as never).slice()
      for (let length = 0; length < bytes.length; length++) assert.throws(() => codec.decode(bytes.subarray(0, length)))
      assert.throws(() => codec.decode(Uint8Array.of(...bytes, 0)), /left over/)
    }
  )

  it("is refused when it is of no kind that there is", () => {
    assert.throws(() => Packed.batch.decode(Uint8Array.of(1, 0, 1, 99)), /no operation/)
    assert.throws(() => Packed.outcomes.decode(Uint8Array.of(1, 99)), /no outcome/)
    assert.throws(() => Packed.batch.decode(Uint8Array.of(1, 0, 1, 4, 0xff, 0xbf, 0xf0, 0, 0, 0, 0, 0, 0)), /count/)
  })
})
