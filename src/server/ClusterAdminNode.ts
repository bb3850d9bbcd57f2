/**
 * `ClusterAdmin` of the node in this process. It shows the members; it does not change them yet, and says so.
 */
import { Effect, Layer } from "effect"
import { NoLeader, SnapshotFailed } from "../api/Problems.ts"
import { ClusterAdmin } from "./ClusterAdmin.ts"
import { ClusterStatus } from "./ClusterStatus.ts"

export const layer = Layer.effect(
  ClusterAdmin,
  Effect.map(ClusterStatus, ({ status }) =>
    ClusterAdmin.of({
      members: Effect.map(status, ({ leaderId, members }) => ({ leaderId, members })),
      addMember: () => Effect.fail(unchanging),
      removeMember: () => Effect.fail(unchanging),
      transferLeadership: () => Effect.fail(unchanging),
      takeSnapshot: Effect.fail(noSnapshot),
      downloadSnapshot: Effect.fail(noSnapshot)
    }))
)

const unchanging = new NoLeader({ detail: "This release leads its cluster as it was configured. Nothing was done." })

const noSnapshot = new SnapshotFailed({ detail: "This release takes no snapshots." })
