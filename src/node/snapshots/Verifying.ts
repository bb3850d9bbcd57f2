/**
 * Whether this node's own latest snapshot is still what was written: read whole, a piece at a time, before it is given
 * to somebody who asked for a backup, and when a follower could make nothing of it.
 *
 * One that is damaged is set aside and written anew from memory. The state there came from the log and not from the
 * file, so it is whole.
 */
import { Effect, Queue, Stream } from "effect"
import { NodeEvent } from "../NodeEvent.ts"
import { runBeside, type Shell } from "../Shell.ts"
import type { SnapshotStoreError, StoredSnapshot } from "../SnapshotStore.ts"
import type { Settle } from "./SnapshotWork.ts"

/** Settles with it when it is whole. When it is not, whoever asks gets the one that takes its place. */
export const verified = (shell: Shell, stored: StoredSnapshot, settle: Settle): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { verifying } = shell.snapshots
    if (verifying?.stored !== stored) return begin(shell, stored, [...verifying?.askers ?? [], settle])
    verifying.askers.push(settle)
    return Effect.void
  })

/** A follower cannot use it. It may have its own reasons, so it is not read again for each time it says so. */
export const doubt = (shell: Shell, stored: StoredSnapshot): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { verifying, wholeAt } = shell.snapshots
    const isLatest = shell.snapshotStore.latest() === stored
    const isKnown = wholeAt?.stored === stored && shell.now() - wholeAt.millis < believedMillis
    return !isLatest || isKnown || verifying?.stored === stored
      ? Effect.void
      : begin(shell, stored, [...verifying?.askers ?? []])
  })

const believedMillis = 60_000

const begin = (shell: Shell, stored: StoredSnapshot, askers: Array<Settle>): Effect.Effect<void> =>
  Effect.suspend(() => {
    shell.snapshots.verifying = { stored, askers }
    const read = Stream.runForEach(shell.snapshotStore.pieces, () => Effect.yieldNow)
    return runBeside(
      shell,
      "verify",
      Effect.matchEffect(read, {
        onFailure: (error) => isDamage(error) ? replace(shell, stored, error) : askAgain(shell),
        onSuccess: () => Effect.sync(() => believe(shell, stored))
      })
    )
  })

const isDamage = ({ reason }: SnapshotStoreError): boolean => reason === "corrupt" || reason === "io"

const believe = (shell: Shell, stored: StoredSnapshot): void => {
  shell.snapshots.wholeAt = { stored, millis: shell.now() }
  settleAll(shell, stored)
}

const settleAll = ({ snapshots }: Shell, outcome: StoredSnapshot | SnapshotStoreError): void => {
  const askers = snapshots.verifying?.askers ?? []
  snapshots.verifying = null
  for (const settle of askers) settle(outcome)
}

/** A crash before the new one is there leaves a node that does not start; so would the damaged one. */
const replace = Effect.fnUntraced(function*(shell: Shell, stored: StoredSnapshot, { message }: SnapshotStoreError) {
  const { index } = stored.snapshot
  yield* Effect.annotateLogs(Effect.logError("the latest snapshot is damaged; it is set aside and taken anew"), {
    index,
    reason: message
  })
  yield* Effect.matchEffect(shell.snapshotStore.setAside(stored), {
    onSuccess: () => {
      if (shell.snapshots.verifying?.askers.length === 0) shell.snapshots.verifying.askers.push(nobody)
      return askAgain(shell)
    },
    // To ask again would be to read the same damage again, for as long as nothing is applied.
    onFailure: (error) =>
      Effect.andThen(
        Effect.annotateLogs(Effect.logError("could not set a damaged snapshot aside"), { reason: error.message }),
        Effect.sync(() => settleAll(shell, error))
      )
  })
})

const nobody: Settle = () => {}

const askAgain = Effect.fnUntraced(function*({ inbox, snapshots }: Shell) {
  const askers = snapshots.verifying?.askers ?? []
  snapshots.verifying = null
  for (const settle of askers) yield* Queue.offer(inbox, NodeEvent.SnapshotAsked({ settle }))
})
