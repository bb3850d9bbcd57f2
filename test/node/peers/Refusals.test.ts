/** When being turned away ends a node: one peer may be wrong, a majority is not, and some things time cures. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Intake } from "../../../src/node/Intake.ts"
import * as Refusals from "../../../src/node/peers/Refusals.ts"
import type { Shell } from "../../../src/node/Shell.ts"
import type { Refusal } from "../../../src/node/Transport.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { node } from "../../raft/support/build.ts"

const member = node({ log: [1, 1] })
const empty = node()
/** One that knows that what it has is committed. */
const settled = node({ log: [1, 1], snapshot: 2 })

/** Whether a node stops when these turn it away, one after the other, at these times. */
const stopsAt = Effect.fnUntraced(function*(
  state: typeof member,
  reason: Refusal["reason"],
  by: ReadonlyArray<readonly [name: string, millis: number]>
) {
  let now = 0
  const shell = {
    marks: { known: new Map(), unwritten: new Map() },
    logStore: { recovered: { boots: 1 } },
    refusedBy: new Map(),
    hellos: new Map(),
    config: { peers: new Map(["n1", "n2", "n3"].map((name) => [name, {}])) },
    now: () => now
  } as unknown as Shell
  const stopped: Array<boolean> = []
  for (const [name, millis] of by) {
    now = millis
    const refusals = [{ peer: NodeId.make(name), refusal: { reason, message: "" } }]
    const heed = Refusals.heed(shell, state, { refusals } as unknown as Intake)
    stopped.push(yield* Effect.match(heed, { onFailure: () => true, onSuccess: () => false }))
  }
  return stopped
})

const stops = (state: typeof member, reason: Refusal["reason"], by: ReadonlyArray<string>) =>
  stopsAt(state, reason, by.map((name) => [name, 0]))

describe("A node of three that is turned away", () => {
  it.effect.each(["wrong-cluster", "disk-replaced"] as const)(
    "as one of %s stops when two say so",
    (reason) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* stops(settled, reason, ["n2", "n2", "n3"]), [false, false, true])
      })
  )

  it.effect("as one that nobody knows goes on if it is a member by its log: they will catch up", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* stops(member, "unknown-node", ["n2", "n3"]), [false, false])
      assert.deepStrictEqual(yield* stops(empty, "unknown-node", ["n2", "n3"]), [false, true])
    }))

  it.effect("as one of another cluster goes on when one says so, also where it is alone in its own", () =>
    Effect.gen(function*() {
      const alone = node({ voters: 1, log: [1, 1], snapshot: 2 })
      assert.deepStrictEqual(yield* stops(alone, "wrong-cluster", ["n2", "n2", "n3"]), [false, false, true])
    }))

  it.effect("by its name, with nothing on its disk, stops at once", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* stops(empty, "disk-replaced", ["n2"]), [true])
    }))

  it.effect("for another cluster's data goes on for a while if it may have founded that in vain", () =>
    Effect.gen(function*() {
      const said = [0, 3_000, 4_999].flatMap((millis) => [["n2", millis], ["n3", millis]] as const)
      const stopped = yield* stopsAt(member, "wrong-cluster", [...said, ["n2", 5_000]])
      assert.deepStrictEqual(stopped, [...said.map(() => false), true])
    }))

  it.effect.each(["version", "wrong-node", "name-in-use"] as const)(
    "for %s goes on, whoever says so",
    (reason) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* stops(member, reason, ["n2", "n3"]), [false, false])
      })
  )
})
