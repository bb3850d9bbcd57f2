/**
 * An operator's view of a cluster that is not there: three voters and whoever was added. A node called like a
 * problem or a refusal, such as `no-leader` or `last-voter`, answers every change with it. It records the changes.
 */
import { Effect, Stream } from "effect"
import * as Problems from "../../src/api/Problems.ts"
import { ClusterAdmin } from "../../src/server/ClusterAdmin.ts"

export interface AdminRecorder {
  readonly changes: Array<readonly [operation: string, ...input: ReadonlyArray<unknown>]>
  /** The file of a snapshot, or why there is none; `cut` is the error that follows the bytes. */
  snapshot: { readonly pieces: ReadonlyArray<Uint8Array>; readonly cut?: Problems.SnapshotFailed } | null
}

export const makeAdminRecorder = (): AdminRecorder => ({
  changes: [],
  snapshot: { pieces: [Buffer.from("a snap"), Buffer.from("shot")] }
})

const refused = (reason: Problems.RefusalReason) =>
  new Problems.ChangeRefused({ reason, detail: `Refused: ${reason}.` })

/** What a change of the node of this name is answered with. */
export const adminOutcomes = {
  "change-in-progress": new Problems.ChangeInProgress(),
  "no-leader": new Problems.NoLeader(),
  "overloaded": new Problems.Overloaded(),
  "outcome-unknown": new Problems.OutcomeUnknown(),
  "last-voter": refused("last-voter"),
  "already-member": refused("already-member"),
  "address-in-use": refused("address-in-use"),
  "not-a-voter": refused("not-a-voter"),
  "unreachable": refused("unreachable")
}

const outcomeOf = (name: string): Effect.Effect<void, never> =>
  Object.hasOwn(adminOutcomes, name)
    ? Effect.fail(adminOutcomes[name as keyof typeof adminOutcomes]) as Effect.Effect<never>
    : Effect.void

const founder = (n: number) => ({
  nodeId: `node${n}`,
  raft: `127.0.0.1:908${n}`,
  http: `127.0.0.1:808${n}`,
  rpc: n === 3 ? null : `127.0.0.1:708${n}`,
  voter: true,
  self: n === 1
})

export const makeAdmin = (recorder: AdminRecorder): ClusterAdmin["Service"] => {
  const members = new Map([1, 2, 3].map((n) => [`node${n}`, founder(n)]))
  const record = (...change: AdminRecorder["changes"][number]) => Effect.sync(() => void recorder.changes.push(change))
  const leadership = { leaderId: "node2", term: 4 }
  const requireMember = (name: string) =>
    Effect.suspend(() =>
      members.has(name) ? Effect.void : Effect.fail(new Problems.NotFound({ detail: `No ${name}.` }))
    )
  const snapshot = Effect.suspend(() =>
    recorder.snapshot === null
      ? Effect.fail(new Problems.SnapshotFailed({ detail: "The disk is full." }))
      : Effect.succeed(recorder.snapshot)
  )
  return ClusterAdmin.of({
    members: Effect.sync(() => ({ leaderId: leadership.leaderId, members: [...members.values()] })),
    addMember: ({ nodeId, raft }) =>
      record("addMember", nodeId, raft).pipe(
        Effect.andThen(outcomeOf(nodeId)),
        Effect.andThen(
          Effect.sync(() => {
            members.set(nodeId, { ...founder(1), nodeId, raft, http: "", rpc: null, voter: false, self: false })
          })
        )
      ),
    removeMember: (id) =>
      record("removeMember", id).pipe(
        Effect.andThen(outcomeOf(id)),
        Effect.andThen(requireMember(id)),
        Effect.andThen(Effect.sync(() => void members.delete(id)))
      ),
    transferLeadership: ({ to = "node3" }) =>
      record("transferLeadership", to).pipe(
        Effect.andThen(outcomeOf(to)),
        Effect.andThen(requireMember(to)),
        Effect.andThen(Effect.sync(() => Object.assign(leadership, { leaderId: to, term: leadership.term + 1 }))),
        Effect.map((now) => ({ ...now }))
      ),
    takeSnapshot: Effect.map(snapshot, ({ pieces }) => ({ index: 10, bytes: Buffer.concat([...pieces]).length })),
    downloadSnapshot: Effect.map(
      snapshot,
      ({ cut, pieces }) =>
        Stream.concat(
          Stream.fromIterable(pieces),
          cut === undefined ? Stream.empty : Stream.fromEffect(Effect.delay(Effect.fail(cut), "50 millis"))
        )
    )
  })
}
