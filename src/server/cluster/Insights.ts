/**
 * The closer looks at a lock, as the API says them.
 */
import type { Explanation, History, Hold } from "../../api/LockInsight.ts"
import type { LockExplained, LockPastAndPresent } from "../../lock/LockInsight.ts"
import { wallTime } from "../WallTime.ts"
import { holderOf } from "./Answers.ts"

export const explanationOf = (explained: LockExplained): Explanation => {
  const { atMostMillis, estimateMillis, holdsSeen, queue, typicalHoldMillis, view } = explained
  const { holders, lockDelayLeftMillis, ...lock } = view
  return {
    ...lock,
    holders: holders.map(holderOf),
    lockDelayLeftMs: lockDelayLeftMillis,
    queue: queue.map(({ estimateMillis, label, mode, owner, waitEndsInMillis, waitedMillis }, at) => ({
      position: at + 1,
      label,
      owner,
      mode,
      waitedMs: waitedMillis,
      waitEndsInMs: waitEndsInMillis,
      estimatedWaitMs: estimateMillis
    })),
    estimate: { waitMs: estimateMillis, atMostMs: atMostMillis, typicalHoldMs: typicalHoldMillis, holdsSeen }
  }
}

export const historyOf = (name: string, { past, present }: LockPastAndPresent): History => ({
  name,
  history: [
    ...present.map(({ grantedWall, heldMillis, ...hold }): Hold => ({
      ...hold,
      grantedAt: wallTime(grantedWall),
      endedAt: null,
      heldMs: heldMillis,
      ended: null
    })),
    ...past.map(({ endedWall, grantedWall, heldMillis, reason, ...hold }): Hold => ({
      ...hold,
      grantedAt: wallTime(grantedWall),
      endedAt: wallTime(endedWall),
      heldMs: heldMillis,
      // A wait may time out, and no grant does.
      ended: reason === "timeout" ? null : reason
    }))
  ]
})
