/**
 * Warnings that repeat themselves: each is logged when it first comes up and again when it changes,
 * not every time. It remembers few subjects and forgets all of them when there are more, so that
 * strangers cannot make it grow.
 */
import { Effect } from "effect"

const subjectsMax = 64

export interface Complaints {
  /** Logs unless the last complaint about the same subject was the same. */
  readonly about: (subject: string, complaint: string, log: Effect.Effect<void>) => Effect.Effect<void>
  /** Everything is well: whatever comes now is new. */
  readonly forget: () => void
}

export const makeComplaints = (): Complaints => {
  const last = new Map<string, string>()
  return {
    about: (subject, complaint, log) =>
      Effect.suspend(() => {
        if (last.get(subject) === complaint) return Effect.void
        if (last.size >= subjectsMax) last.clear()
        last.set(subject, complaint)
        return log
      }),
    forget: () => last.clear()
  }
}
