/**
 * `ClusterAdmin` of the node in this process: changes go to the leader through it, snapshots are its own.
 */
import { Effect, Layer, Stream } from "effect"
import type { Leadership } from "../api/Cluster.ts"
import {
  ChangeInProgress,
  ChangeRefused,
  NoLeader,
  NotFound,
  OutcomeUnknown,
  type RefusalReason,
  SnapshotFailed
} from "../api/Problems.ts"
import type { AdminAsk, AdminOutcome, AdminRefusal } from "../node/administration/AdminAsk.ts"
import type { SnapshotRefused } from "../node/NodeErrors.ts"
import { RaftNode } from "../node/RaftNode.ts"
import type { SnapshotStoreError } from "../node/SnapshotStore.ts"
import { NodeId } from "../raft/Membership.ts"
import * as Answers from "./cluster/Answers.ts"
import { ClusterAdmin } from "./ClusterAdmin.ts"
import { ClusterStatus } from "./ClusterStatus.ts"

export const layer = Layer.effect(
  ClusterAdmin,
  Effect.gen(function*() {
    const node = yield* RaftNode
    const { status } = yield* ClusterStatus
    const administer = (ask: AdminAsk) =>
      Answers.orUnavailable(Effect.flatMap(node.administer(ask), (outcome) => answerOf(ask, outcome)))
    return ClusterAdmin.of({
      members: Effect.map(status, ({ leaderId, members }) => ({ leaderId, members })),
      addMember: ({ nodeId, raft }) =>
        Effect.asVoid(administer({ _tag: "Change", change: { _tag: "AddLearner", nodeId: NodeId.make(nodeId), raft } }))
          .pipe(orDieOfNotFound),
      removeMember: (id) => Effect.asVoid(administer({ _tag: "Change", change: { _tag: "Remove", nodeId: id } })),
      transferLeadership: ({ to }) => administer({ _tag: "Transfer", to: to === undefined ? null : NodeId.make(to) }),
      takeSnapshot: Effect.mapBoth(node.takeSnapshot, {
        onSuccess: ({ bytes, snapshot: { index } }) => ({ index, bytes }),
        onFailure: snapshotFailed
      }),
      downloadSnapshot: Effect.mapBoth(node.takeSnapshot, {
        onSuccess: (stored) => Stream.mapError(node.readSnapshot(stored), snapshotFailed),
        onFailure: snapshotFailed
      })
    })
  })
)

const answerOf = (
  ask: AdminAsk,
  outcome: AdminOutcome
): Effect.Effect<Leadership, ChangeInProgress | ChangeRefused | NotFound | NoLeader | OutcomeUnknown> => {
  switch (outcome._tag) {
    case "Done":
      return Effect.succeed({ leaderId: outcome.leaderId, term: outcome.term })
    case "Refused":
      return Effect.fail(refused(ask, outcome.reason))
    case "NotLeader":
    case "NoLeader":
      return Effect.fail(new NoLeader({}))
    case "Unknown":
      return Effect.fail(new OutcomeUnknown({ detail: unknown[ask._tag] }))
  }
}

const unknown = {
  Change: "The leader was lost before it told the outcome. Look at the members before you ask again.",
  Transfer: "No leader has told the outcome. Look who leads before you ask again."
} as const

const refused = (ask: AdminAsk, reason: AdminRefusal): ChangeInProgress | ChangeRefused | NotFound => {
  if (reason === "in-progress") return new ChangeInProgress({})
  if (reason === "no-such-member") return new NotFound({ detail: `${targetOf(ask)} is not a member of this cluster.` })
  return new ChangeRefused({ reason, detail: details[reason](targetOf(ask)) })
}

const targetOf = (ask: AdminAsk): string => ask._tag === "Change" ? ask.change.nodeId : ask.to ?? "Another node"

const details: Record<RefusalReason, (target: string) => string> = {
  "last-voter": (target) =>
    `Without ${target}, the voters that can be reached would be no majority, and nothing would be decided any more.`,
  "already-member": (target) => `${target} is a member already, at another address. Remove it before you add it anew.`,
  "address-in-use": () => "Another member has this address.",
  "not-a-voter": (target) => `${target} is a learner, and learners cannot lead.`,
  unreachable: (target) =>
    `${target} cannot take over: it is not connected, has not caught up in time, or is of an older release that ` +
    "cannot be told to."
}

const snapshotFailed = ({ message }: SnapshotStoreError | SnapshotRefused) => new SnapshotFailed({ detail: message })

/** Whom to add need not be there. */
const orDieOfNotFound = <A, E>(effect: Effect.Effect<A, E | NotFound>) =>
  Effect.catchTag(effect as Effect.Effect<A, NotFound>, "NotFound", Effect.die) as Effect.Effect<
    A,
    Exclude<E, NotFound>
  >
