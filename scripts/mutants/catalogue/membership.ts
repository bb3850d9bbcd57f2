/**
 * Bugs in how the membership changes. Most of them need a change, a fall and an election in the right order.
 */
import type { Mutant } from "../Mutant.ts"

export const membershipMutants: ReadonlyArray<Mutant> = [
  {
    name: "changes of the membership overlap",
    file: "raft/ChangeRule.ts",
    from: "(configs.at(-1)?.index ?? Infinity) <= commitIndex && ",
    to: ""
  },
  {
    name: "the membership changes before an entry of the term is committed",
    file: "raft/ChangeRule.ts",
    from: " && role.opening <= commitIndex",
    to: ""
  },
  {
    name: "a membership counts only when it is committed",
    file: "raft/RaftState.ts",
    from: "  state.configs.at(-1)?.membership.members ?? state.initialMembers",
    to: "  (state.configs.findLast(({ index }) => index <= state.commitIndex) ?? state.configs[0])?.membership" +
      ".members ??\n    state.initialMembers"
  },
  {
    name: "a membership outlives its entry",
    file: "raft/RaftState.ts",
    from: "configs: state.configs.filter((config) => config.index <= index)",
    to: "configs: state.configs"
  },
  {
    name: "a node that comes back on another disk stays a voter",
    file: "raft/Joiners.ts",
    from: "voter: false, storeId }",
    to: "voter: memberOf(state, nodeId)?.voter ?? false, storeId }"
  },
  {
    name: "the last voters that can be reached may be removed",
    file: "raft/Changes.ts",
    from: "ChangeRule.keepsMajority(state, changed(state, change).members) ? null",
    to: "state.commitIndex > 0 ? null"
  },
  {
    name: "a leader that is leaving counts itself",
    file: "raft/Quorum.ts",
    from: "    .toSorted((a, b) => b - a)",
    to: "    .concat(memberOf(state, state.self) ? [] : [valueOf(state.self)])\n    .toSorted((a, b) => b - a)"
  },
  {
    name: "a node hears only leaders that it knows",
    file: "raft/Strangers.ts",
    from: "    case \"InstallSnapshot\":\n      return true",
    to: "    case \"InstallSnapshot\":\n      return false"
  }
]
