/**
 * The operator's requests over client RPC, handed to the services that HTTP uses too.
 */
import { Effect, Stream } from "effect"
import { AdminRpcs } from "../../api/rpc/AdminRpcs.ts"
import { ClusterAdmin } from "../ClusterAdmin.ts"
import { ClusterStatus } from "../ClusterStatus.ts"

export const layer = AdminRpcs.toLayer(Effect.gen(function*() {
  const admin = yield* ClusterAdmin
  const { status } = yield* ClusterStatus
  return AdminRpcs.of({
    status: () => status,
    members: () => admin.members,
    addMember: (member) => admin.addMember(member),
    removeMember: ({ nodeId }) => admin.removeMember(nodeId),
    transferLeadership: (transfer) => admin.transferLeadership(transfer),
    takeSnapshot: () => admin.takeSnapshot,
    downloadSnapshot: () => Stream.unwrap(admin.downloadSnapshot)
  })
}))
