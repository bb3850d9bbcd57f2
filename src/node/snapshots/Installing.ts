/**
 * Puts a snapshot in the place of what this node has: first the file, then the log, then the state.
 * A crash in between leaves a file that is ahead of the log, which the next start completes.
 */
import { Effect, Schedule } from "effect"
import type { Action } from "../../raft/Action.ts"
import type { Position } from "../../raft/Entry.ts"
import type { Shell } from "../Shell.ts"

type InstallAction = Extract<Action, { _tag: "InstallSnapshot" }>

/** The file becomes this node's latest snapshot, durably. A full disk is waited for. */
export const adopt = Effect.fnUntraced(function*(shell: Shell, { snapshot }: InstallAction) {
  const { fetched } = shell.snapshots
  if (fetched?.fetch.stored.snapshot.index !== snapshot.index) {
    return yield* Effect.die(new Error("only a snapshot that has been fetched is installed"))
  }
  yield* fetched.receiving.adopt.pipe(
    Effect.retry({ while: ({ reason }) => reason === "full", schedule: Schedule.spaced("500 millis") })
  )
})

/** Where the log starts that does not have the snapshot's last entry (figure 13, step 7). */
export const endOf = ({ snapshot: { index, term, time } }: InstallAction): Position => ({ index, term, time })

/** The state machine is that of the snapshot from now on. */
export const swap = (shell: Shell, { snapshot }: InstallAction): void => {
  shell.snapshots.fetched?.restoring.install()
  shell.snapshots.bytesSince = 0
  shell.metrics.snapshotsInstalled++
  shell.lastApplied = snapshot.index
  shell.lastAppliedTerm = snapshot.term
  shell.lastAppliedTime = snapshot.time
  // What the entries in between settled is not told one by one.
  shell.requests.loseTrack()
  shell.events.jump(snapshot.index)
}
