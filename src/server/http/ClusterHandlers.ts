/**
 * The cluster over HTTP: what this node knows of it, and what an operator changes, handed to `ClusterAdmin`.
 *
 * Looking asks nobody else, so it is answered with and without a leader.
 */
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import type { Api } from "../../api/Api.ts"
import { ClusterAdmin } from "../ClusterAdmin.ts"
import { ClusterStatus } from "../ClusterStatus.ts"
import { ClusterView } from "../ClusterView.ts"

export const layer = (api: Api) =>
  HttpApiBuilder.group(
    api,
    "cluster",
    Effect.fnUntraced(function*(handlers) {
      const admin = yield* ClusterAdmin
      const { status } = yield* ClusterStatus
      const { overview, view } = yield* ClusterView
      return handlers.handleAll({
        status: () => status,
        view: () => view,
        overview: () => overview,
        members: () => admin.members,
        addMember: ({ payload }) => Effect.as(admin.addMember(payload), payload),
        removeMember: ({ params }) => Effect.as(admin.removeMember(params.id), { removed: true as const }),
        transferLeadership: ({ payload }) => admin.transferLeadership(payload ?? {}),
        takeSnapshot: () => admin.takeSnapshot,
        downloadSnapshot: () => admin.downloadSnapshot
      })
    })
  )
