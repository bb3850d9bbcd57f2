/**
 * What a node does about stores that were put back to an older copy of themselves, its own included: such a store has
 * forgotten votes and entries that others count on, so it is not spoken to, and its node stops (§5.2, §5.4).
 */
import { membersOf, type RaftState } from "../../raft/RaftState.ts"
import { NodeRefused } from "../NodeErrors.ts"
import { post, type Shell } from "../Shell.ts"
import type { Hello, Refusal } from "../Transport.ts"
import { whyGoneBack } from "./PeerMark.ts"
import * as PeerMarks from "./PeerMarks.ts"

/**
 * Null unless the peer's store has gone back. The mark goes with the refusal: the hello may have been overtaken by
 * what the peer has acknowledged since, and only the peer itself can tell.
 */
export const judge = (
  { marks }: Pick<Shell, "marks">,
  { boots, lastIndex, nodeId, storeId }: Hello
): Refusal | null => {
  const mark = marks.known.get(storeId)
  const why = mark && whyGoneBack(mark, { boots, lastIndex })
  return mark && why !== undefined ? { reason: "gone-back", message: messageOf(nodeId, why), mark } : null
}

interface Self extends Pick<Shell, "marks"> {
  readonly logStore: { readonly recovered: { readonly boots: number } }
}

/** This node itself, by what a peer refuses it for, or by what a leader tells. */
export const ofSelf = (self: Self, state: RaftState, refusal: Refusal | null): NodeRefused | null => {
  const mark = refusal === null ? self.marks.known.get(state.storeId) : refusal.mark
  const { boots } = self.logStore.recovered
  const why = mark && whyGoneBack(mark, { boots, lastIndex: state.log.lastIndex })
  return why === undefined ? null : new NodeRefused({ by: [], message: messageOf(state.self, why) })
}

const messageOf = (nodeId: string, why: string): string =>
  `${nodeId} has gone back in time: ${why}. Its data directory is an older copy of itself, which has forgotten what ` +
  "the cluster counts on. Give it the newest one back; or start it with --rejoin, which sets this data aside and " +
  "lets it come back as a new member with the data of the others"

/** A leader tells all nodes how far each has come. */
export const spread = (shell: Shell, state: RaftState): void => {
  PeerMarks.observe(shell.marks, state)
  if (state.role._tag !== "Leader") return
  const marks = PeerMarks.ofStores(shell.marks, membersOf(state).map(({ storeId }) => storeId))
  for (const to of state.role.progress.keys()) if (shell.linked.has(to)) post(shell, to, { _tag: "Marks", marks })
}
