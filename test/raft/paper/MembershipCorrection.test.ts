/**
 * The bug in single-server changes as the dissertation has them (§4.1), found and mended in 2015: a leader must
 * have committed an entry of its own term before it changes the membership.
 */
import { assert, describe, it } from "@effect/vitest"
import { NodeId } from "../../../src/raft/Membership.ts"
import * as RaftLog from "../../../src/raft/RaftLog.ts"
import { memberOf } from "../../../src/raft/RaftState.ts"
import { removeRequested } from "../support/build.ts"
import { Cluster } from "../support/Cluster.ts"

const names = ["n1", "n2", "n3", "n4", "n5"]

const between =
  (a: string, ...others: ReadonlyArray<string>) =>
  ({ from, to }: { readonly from: string; readonly to: string }): boolean =>
    (from === a && others.includes(to)) || (to === a && others.includes(from))

describe("Changes of two leaders in turn", () => {
  it("do not commit by majorities that share nobody: the counter-example", () => {
    const cluster = new Cluster({ voters: 4, learners: 1, logs: Object.fromEntries(names.map((name) => [name, [1]])) })
    cluster.start(...names)
    cluster.timeout("n1")
    cluster.settle()
    // n1 makes n5 a voter, and only n5 hears of it.
    cluster.checkQuorum("n1")
    cluster.heartbeat("n1")
    cluster.settle()
    cluster.checkQuorum("n1")
    cluster.settle(between("n1", "n5"))
    cluster.drop(() => true)
    assert.isTrue(memberOf(cluster.state("n5"), NodeId.make("n5"))?.voter)
    assert.isFalse(memberOf(cluster.state("n4"), NodeId.make("n5"))?.voter)
    // n2 leads next, by n3 and n4, and wants to remove n1 before anybody but n3 has an entry of its term.
    for (const voter of ["n3", "n4"]) cluster.silent(voter)
    cluster.timeout("n2")
    for (let turn = 0; turn < 4; turn++) cluster.deliver(between("n2", "n3", "n4"))
    cluster.feed("n2", removeRequested("n1"))
    cluster.settle(between("n2", "n3"))
    cluster.drop(() => true)
    // n1 comes back, with n4 and n5.
    for (let check = 0; check < 2; check++) cluster.checkQuorum("n1")
    for (const voter of ["n4", "n5"]) cluster.silent(voter)
    for (let attempt = 0; attempt < 2; attempt++) {
      cluster.timeout("n1")
      cluster.settle(between("n1", "n4", "n5"))
    }
    const [n1, n2] = [cluster.state("n1"), cluster.state("n2")]
    assert.strictEqual(n1.role._tag, "Leader")
    assert.strictEqual(RaftLog.termAt(n1.log, n2.commitIndex), RaftLog.termAt(n2.log, n2.commitIndex))
  })
})
