/**
 * Puts into words what a turn of a node has brought: who leads which term and who does no more, how the membership
 * changes, who was sent a snapshot.
 */
import type { Member } from "../../raft/Membership.ts"
import { membersOf } from "../../raft/RaftState.ts"
import type { Chronicle } from "../Chronicle.ts"
import type { Turn } from "./World.ts"

export const tell = (chronicle: Chronicle, { actions, after, before, node: { at, id } }: Turn): void => {
  const [was, is] = [before.role._tag, after.role._tag]
  if (is === "Leader" && (was !== "Leader" || before.term !== after.term)) {
    chronicle.note("lead", `${id} leads term ${after.term}`, at)
  }
  if (was === "Leader" && is !== "Leader") {
    const why = after.term > before.term ? `has heard of term ${after.term}` : "hears no majority"
    chronicle.note("depose", `${id} leads term ${before.term} no more: it ${why}`, at)
  }
  for (const action of actions) {
    if (action._tag === "InstallSnapshot") {
      chronicle.note("snapshot", `${id} installs the leader's snapshot of entry ${action.snapshot.index}`, at)
    }
    if (action._tag !== "PersistEntries" || is !== "Leader") continue
    for (const { index, payload } of action.entries) {
      if (payload._tag !== "Config" || index === 1) continue
      const words = changeOf(membersOf(before), payload.membership.members)
      if (words !== "") chronicle.note("members", `${id} changes the membership: ${words}`, at)
    }
  }
}

const changeOf = (was: ReadonlyArray<Member>, is: ReadonlyArray<Member>): string => {
  const words = is.flatMap(({ nodeId, storeId, voter }) => {
    const old = was.find((member) => member.nodeId === nodeId)
    if (!old) return [`${nodeId} joins as a learner`]
    if (voter !== old.voter) return [voter ? `${nodeId} votes now` : `${nodeId} votes no more`]
    return storeId === old.storeId ? [] : [`the disk of ${nodeId} is known`]
  })
  const gone = was.filter(({ nodeId }) => !is.some((member) => member.nodeId === nodeId))
  return [...words, ...gone.map(({ nodeId }) => `${nodeId} is removed`)].join(", ")
}
