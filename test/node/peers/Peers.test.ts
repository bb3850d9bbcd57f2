/**
 * Whom a node lets go: who was removed for certain, and nobody whose removal may yet come to nothing.
 */
import { assert, describe, it } from "@effect/vitest"
import { hasLeft } from "../../../src/node/peers/Peers.ts"
import { LogIndex } from "../../../src/raft/Entry.ts"
import { ClusterId, NodeId } from "../../../src/raft/Membership.ts"
import type { Config } from "../../../src/raft/RaftState.ts"

const config = (index: number, ...names: ReadonlyArray<string>): Config => ({
  index: LogIndex.make(index),
  membership: {
    clusterId: ClusterId.make("c"),
    members: names.map((name) => ({ nodeId: NodeId.make(name), raft: "", voter: true, storeId: null }))
  }
})

const left = (commitIndex: number, configs: ReadonlyArray<Config>) =>
  hasLeft({ commitIndex: LogIndex.make(commitIndex), configs }, NodeId.make("b"))

describe("A peer", () => {
  const configs = [config(1, "a", "b", "c"), config(5, "a", "c")]

  it("has left when its removal is committed, and not before", () => {
    assert.isTrue(left(5, configs))
    assert.isFalse(left(4, configs))
  })

  it("has not left as long as nothing is known to be committed, as at the start of a node", () => {
    assert.isFalse(left(0, configs))
  })

  it("has not left when it has come back, or was never there", () => {
    assert.isFalse(left(9, [...configs, config(8, "a", "b", "c")]))
    assert.isFalse(left(9, [config(1, "a", "c"), config(5, "a", "c", "d")]))
  })
})
