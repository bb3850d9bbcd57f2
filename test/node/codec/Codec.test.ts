/**
 * Entries come back as they were, in the format of today and in those that are in the logs of yesterday.
 */
import { assert, describe, it } from "@effect/vitest"
import { FencingToken, LockName, RequestId, SessionHash } from "../../../src/lock/Identifiers.ts"
import type { Acquire, LockCommand } from "../../../src/lock/LockCommand.ts"
import * as Codec from "../../../src/node/codec/Codec.ts"

const [one, two] = [SessionHash.make("1".repeat(43)), SessionHash.make("2".repeat(43))]
const requestOf = (count: number | string) => RequestId.make(`node1/3f9a/${count}`)

const bare: Acquire = {
  _tag: "Acquire",
  request: requestOf(1),
  lock: LockName.make("a/é/\u{1f512}"),
  session: one,
  owner: "",
  mode: "exclusive",
  permits: 1,
  waitMillis: 30_000,
  lockDelayMillis: 0
}

const present = [
  { mode: "shared" },
  { maxHoldMillis: 86_400_000 },
  { value: "" },
  { seq: Number.MAX_SAFE_INTEGER },
  { seqDone: 0 },
  { mint: { ttlMillis: 15_000, label: "worker" } }
] as const satisfies ReadonlyArray<Partial<Acquire>>

const release = { _tag: "Release", request: requestOf(2), lock: bare.lock, session: two } as const
const token = FencingToken.make(2 ** 40)

const commands: ReadonlyArray<LockCommand> = [
  { _tag: "RenewSession", request: requestOf(0), session: one },
  bare,
  ...present.flatMap((a) => present.map((b): LockCommand => ({ ...bare, session: two, ...a, ...b }))),
  { ...release, token },
  { ...release, token, owner: "", seq: 1, seqDone: 0 },
  { ...release, token, owner: "worker" },
  { _tag: "OpenSession", request: requestOf(4), session: one, ttlMillis: 15_000, label: "é" },
  { _tag: "EndSession", request: requestOf(5), session: one },
  { _tag: "Abandon", request: requestOf(6), lock: bare.lock, session: one, owner: "", attempt: requestOf(1) },
  { _tag: "Tick" }
]

const note = { wallMillis: 1_700_000_000_123, historyMax: 10_000 }

const again = (batch: Codec.Batch) => Codec.batch.decode(Codec.batch.encode(batch))

describe("An entry", () => {
  it("comes back as it was, with a note and without", () => {
    assert.deepStrictEqual(again({ commands, note }), { commands, note })
    assert.deepStrictEqual(again({ commands, note: undefined }), { commands, note: undefined })
    assert.deepStrictEqual(again({ commands: [], note }), { commands: [], note })
  })

  it("keeps every request by its name, counted or not", () => {
    const names = [
      "",
      "a",
      "/",
      "a/",
      "a/b",
      "a/01",
      "a/1e3",
      "a/-1",
      "a/1.5",
      "a/ 1",
      "a/0",
      `a/${2 ** 53 - 1}`,
      "a/b/7"
    ]
    const renewals = names.map((name): LockCommand => ({
      _tag: "RenewSession",
      request: RequestId.make(name),
      session: one
    }))
    assert.deepStrictEqual(again({ commands: renewals, note }).commands, renewals)
  })

  it("says a session and a boot once", () => {
    const of = (count: number) =>
      Array.from(
        { length: count },
        (_, at): LockCommand => ({ ...bare, request: requestOf(at), lock: LockName.make("a") })
      )
    const lengthOf = (count: number) => Codec.batch.encode({ commands: of(count), note }).length
    assert.isAtMost(lengthOf(1), 85)
    assert.isAtMost(lengthOf(101) - lengthOf(1), 1400)
  })

  it("of an earlier format is read as well", () => {
    const first = Codec.batch.encode({ commands, note: undefined })
    assert.strictEqual(first[0], 1)
    const second = new Uint8Array(first.length + 12)
    const view = new DataView(second.buffer)
    view.setUint8(0, 2)
    view.setFloat64(1, note.wallMillis)
    view.setUint32(9, note.historyMax)
    second.set(first.subarray(1), 13)
    assert.deepStrictEqual(Codec.batch.decode(second), { commands, note })
  })

  it("that is cut, or goes on, or is of a later format is refused", () => {
    const bytes = Codec.batch.encode({ commands, note })
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => Codec.batch.decode(bytes.subarray(0, length)))
    }
    assert.throws(() => Codec.batch.decode(Uint8Array.of(...bytes, 0)), /left over/)
    assert.throws(() => Codec.batch.decode(Uint8Array.of(4, 0)), /format 4 is unknown/)
    assert.throws(() => Codec.batch.decode(Uint8Array.of(3, 0, 0, 1, 3, 9)), /does not have/)
  })
})
