/**
 * When the membership may change, and how far: one server at a time, by the corrected rule (dissertation §4.1
 * and its correction of 2015), and never so that those who are left and reachable could not commit.
 *
 * Any majority of one membership then shares a voter with any majority of the next.
 */
import type { Member, NodeId } from "./Membership.ts"
import type { Leading } from "./RaftState.ts"

/**
 * Whether a change may be appended: the one before it is committed, and so is an entry of this very term. Without
 * the latter, two leaders in turn could change the same membership and both commit by majorities that share nobody.
 */
export const isOpen = ({ commitIndex, configs, role }: Leading): boolean =>
  (configs.at(-1)?.index ?? Infinity) <= commitIndex && role.opening <= commitIndex && role.transfer === null

/** Whether the voters among these that count and can be reached are a majority of them, also without `besides`. */
export const keepsMajority = (state: Leading, members: ReadonlyArray<Member>, besides?: NodeId): boolean => {
  const voters = members.filter(({ voter }) => voter)
  const sure = voters.filter((member) => member.nodeId !== besides && isReachable(state, member))
  return sure.length > voters.length / 2
}

const isReachable = (state: Leading, { nodeId, storeId }: Member): boolean =>
  storeId !== null && storeId === (nodeId === state.self ? state.storeId : state.links.get(nodeId)?.storeId)
