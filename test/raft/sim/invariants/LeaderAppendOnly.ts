/**
 * Leader append-only (§5.3, figure 3): a leader never overwrites or deletes entries in its log.
 */
import * as RaftLog from "../../../../src/raft/RaftLog.ts"
import { broken, type Invariant } from "../World.ts"

export const make = (): Invariant => ({
  name: "leader append-only",
  turned: ({ after, before, node }) => {
    if (before.role._tag !== "Leader" || after.role._tag !== "Leader" || before.term !== after.term) return
    const { lastIndex } = before.log
    if (RaftLog.entryAt(after.log, lastIndex) !== RaftLog.entryAt(before.log, lastIndex)) {
      broken(`${node.id} leads term ${after.term} and has replaced its entry ${lastIndex}`)
    }
  }
})
