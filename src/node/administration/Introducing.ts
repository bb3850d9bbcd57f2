/**
 * A node that joins may know a follower alone. That one asks the leader to let the newcomer in, as an operator would
 * who adds a member; the leader then calls the newcomer itself.
 */
import type { NodeId, StoreId } from "../../raft/Membership.ts"
import { leaderOf, memberOf, type RaftState, wasMember } from "../../raft/RaftState.ts"
import type { Shell } from "../Shell.ts"
import { place } from "./Asking.ts"

/** Asks for each newcomer that is linked to this follower, and again now and then for as long as it is not in. */
export const introduce = (shell: Shell, state: RaftState): void => {
  const leader = leaderOf(state)
  if (leader === null || leader === state.self) return
  const now = shell.now()
  // Names may be made up without end: only those are kept that still have to wait.
  for (const [nodeId, at] of shell.introduced) if (now >= at + againMillis) shell.introduced.delete(nodeId)
  for (const [nodeId, { joins, storeId }] of state.links) {
    if (joins === null || memberOf(state, nodeId) || wasMember(state, nodeId, storeId)) continue
    if (shell.introduced.has(nodeId)) continue
    shell.introduced.set(nodeId, now)
    place(shell, {
      request: requestOf(state, nodeId, storeId),
      ask: { _tag: "Change", change: { _tag: "AddLearner", nodeId, raft: joins } },
      origin: null,
      settle: () => {}
    })
  }
}

const requestOf = ({ self }: RaftState, nodeId: NodeId, storeId: StoreId): string => `${self}/join/${nodeId}/${storeId}`

const againMillis = 1000
