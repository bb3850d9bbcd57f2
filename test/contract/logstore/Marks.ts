/**
 * What a store remembers beside its log: how often it was opened, and how far the stores of others have come.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { PeerMark } from "../../../src/node/peers/PeerMark.ts"
import { LogIndex } from "../../../src/raft/Entry.ts"
import { StoreId } from "../../../src/raft/Membership.ts"
import { hardStateOf } from "../../node/logstore/Entries.ts"
import { type Ground, type On, use, write } from "./Ground.ts"

const markOf = (boots: number, matchIndex: number): PeerMark => ({ boots, matchIndex: LogIndex.make(matchIndex) })
const storeId = (n: number) => StoreId.make(`s${n}`)

const recoveredOf = (ground: Ground) => use(ground, ({ recovered }) => Effect.succeed(recovered))

export const marks = (on: On): void => {
  it.effect(
    "counts the openings that have written something",
    on(Effect.fnUntraced(function*(ground) {
      for (const boots of [1, 2, 3]) {
        for (const _ of ["this one writes nothing", "nor does this"]) {
          assert.strictEqual((yield* recoveredOf(ground)).boots, boots)
        }
        yield* use(ground, (store) => write(store, { hardState: hardStateOf(boots, null) }))
      }
    }))
  )

  it.effect(
    "counts an opening by its first write that was kept",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          yield* ground.fail("full")
          yield* Effect.flip(write(store, { hardState: hardStateOf(1, null) }))
          yield* ground.fail(null)
        }))
      assert.strictEqual((yield* recoveredOf(ground)).boots, 1)
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          yield* ground.fail("full")
          yield* Effect.flip(write(store, { hardState: hardStateOf(1, null) }))
          yield* ground.fail(null)
          yield* write(store, { hardState: hardStateOf(1, null) })
        }))
      assert.strictEqual((yield* recoveredOf(ground)).boots, 2)
    }))
  )

  it.effect(
    "knows of each store what it was told last",
    on(Effect.fnUntraced(function*(ground) {
      assert.strictEqual((yield* recoveredOf(ground)).peers.size, 0)
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          yield* write(store, { peers: new Map([[storeId(1), markOf(1, 10)], [storeId(2), markOf(4, 0)]]) })
          yield* write(store, { peers: new Map([[storeId(1), markOf(2, 11)]]) })
        }))
      const { peers } = yield* recoveredOf(ground)
      assert.deepStrictEqual(new Map(peers), new Map([[storeId(1), markOf(2, 11)], [storeId(2), markOf(4, 0)]]))
    }))
  )

  it.effect(
    "remembers 64 stores, those noted last",
    on(Effect.fnUntraced(function*(ground) {
      yield* use(ground, (store) =>
        Effect.gen(function*() {
          for (let n = 1; n <= 65; n++) yield* write(store, { peers: new Map([[storeId(n), markOf(n, n)]]) })
          yield* write(store, { peers: new Map([[storeId(2), markOf(2, 9)]]) })
          yield* write(store, { peers: new Map([[storeId(66), markOf(66, 66)]]) })
        }))
      const { peers } = yield* recoveredOf(ground)
      assert.strictEqual(peers.size, 64)
      for (const gone of [1, 3]) assert.isFalse(peers.has(storeId(gone)))
      assert.deepStrictEqual(peers.get(storeId(2)), markOf(2, 9))
    }))
  )
}
