/** What an operator is told when the leader that has the request is lost, or was none. */
import { assert, describe, it } from "@effect/vitest"
import type { AdminOutcome } from "../../../src/node/administration/AdminAsk.ts"
import * as Administration from "../../../src/node/administration/Administration.ts"
import type { PeerMessage } from "../../../src/node/peers/PeerMessage.ts"
import type { Shell } from "../../../src/node/Shell.ts"
import { Term } from "../../../src/raft/Entry.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { followerOf, type RaftState } from "../../../src/raft/RaftState.ts"
import { nothing } from "../../../src/raft/Step.ts"
import { leader, node } from "../../raft/support/build.ts"

const [n2, n3] = [NodeId.make("n2"), NodeId.make("n3")]

const follows = (id: NodeId): RaftState => ({ ...node({ log: [1, 1] }), role: followerOf(id) })

/** A node that was asked to remove `n3`, and what it tells: to whoever asked, and to other nodes. */
const asked = () => {
  const told: Array<AdminOutcome> = []
  const outgoing = new Map<NodeId, Array<PeerMessage>>()
  const request: Administration.Administered = {
    request: "one",
    ask: { _tag: "Change", change: { _tag: "Remove", nodeId: n3 } },
    origin: null,
    leaderlessMillis: 2_000,
    untilMillis: 10_000,
    settle: (outcome) => told.push(outcome),
    stage: { _tag: "Waits" }
  }
  const shell = {
    administered: new Map([[request.request, request]]),
    linked: new Set([n2, n3]),
    now: () => 0,
    outgoing
  } as unknown as Shell
  const advance = (state: RaftState) => Administration.advance(shell, nothing(state))[0]
  return { advance, outgoing, shell, tags: () => told.map(({ _tag }) => _tag) }
}

describe("A change that a follower passes on", () => {
  it("is asked of the next leader when the first one says that it leads no more: it has done nothing", () => {
    const { advance, outgoing, shell, tags } = asked()
    advance(follows(n2))
    assert.deepStrictEqual([...outgoing.keys()], [n2])
    Administration.answered(shell, "one", { _tag: "NotLeader" })
    advance(follows(n3))
    assert.deepStrictEqual([...outgoing.keys()], [n2, n3])
    Administration.answered(shell, "one", { _tag: "Refused", reason: "in-progress" })
    assert.deepStrictEqual(tags(), ["Refused"])
  })

  it("is unknown when the link to who has it ends, and is asked of nobody else", () => {
    const { advance, outgoing, shell, tags } = asked()
    advance(follows(n2))
    Administration.unlinked(shell, n3)
    assert.deepStrictEqual(tags(), [])
    Administration.unlinked(shell, n2)
    assert.deepStrictEqual(tags(), ["Unknown"])
    advance(follows(n3))
    assert.deepStrictEqual([...outgoing.keys()], [n2])
  })
})

describe("A change that a leader has appended", () => {
  const leads = () => leader({ log: [1, 1] })
  const committed = (state: RaftState): RaftState => ({ ...state, commitIndex: state.log.lastIndex })

  it("is done when it is committed", () => {
    const { advance, tags } = asked()
    const appended = advance(committed(leads()))
    assert.deepStrictEqual(tags(), [])
    advance(committed(appended))
    assert.deepStrictEqual(tags(), ["Done"])
  })

  it("is unknown as soon as another one leads", () => {
    const { advance, tags } = asked()
    const appended = advance(committed(leads()))
    advance({ ...appended, term: Term.make(appended.term + 1), role: followerOf(n2) })
    assert.deepStrictEqual(tags(), ["Unknown"])
  })
})
