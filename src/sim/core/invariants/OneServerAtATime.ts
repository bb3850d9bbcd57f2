/**
 * One server at a time (dissertation §4.1 and its correction): a leader changes the membership only when the one
 * before it and an entry of its own term are committed, and by no more than one voter, which is a name together
 * with its store. Then any two majorities of memberships in a row share a voter.
 */
import type { Membership } from "../../../raft/Membership.ts"
import * as RaftLog from "../../../raft/RaftLog.ts"
import type { RaftState } from "../../../raft/RaftState.ts"
import { broken, type Invariant } from "../World.ts"

export const make = (): Invariant => ({
  name: "one server at a time",
  turned: ({ after, before, node }) => {
    if (after.role._tag !== "Leader" || before.role._tag !== "Leader" || before.term !== after.term) return
    for (const { index } of after.configs) if (index > before.log.lastIndex) check(node.id, after, index)
  }
})

const check = (id: string, state: RaftState, index: number): void => {
  const at = state.configs.findIndex((config) => config.index === index)
  const [before, config] = [state.configs[at - 1], state.configs[at]]
  // A snapshot may have taken its place meanwhile.
  if (!before || !config) return
  if (before.index > state.commitIndex) broken(`${id} changes the membership of ${before.index}, not yet committed`)
  if (RaftLog.termAt(state.log, state.commitIndex) !== state.term) {
    broken(`${id} changes the membership before an entry of term ${state.term} is committed`)
  }
  const changes = [...lost(before.membership, config.membership), ...lost(config.membership, before.membership)]
  if (changes.length > 1) broken(`${id} changes the voters ${changes.join(" and ")} at once`)
}

/** Voters of the one that are none of the other. A store that is recorded for the first time could not vote before. */
const lost = (one: Membership, other: Membership): ReadonlyArray<string> =>
  one.members.filter((member) =>
    member.voter &&
    !other.members.some(({ nodeId, storeId, voter }) =>
      voter && nodeId === member.nodeId && (storeId === member.storeId || storeId === null || member.storeId === null)
    )
  ).map(({ nodeId, storeId }) => `${nodeId}=${storeId}`)
