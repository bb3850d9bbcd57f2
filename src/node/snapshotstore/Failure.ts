/**
 * Why a snapshot cannot be read or kept, as the person who runs the node hears it.
 *
 * Every message names the file or its directory and says what to do.
 */
import { Effect } from "effect"
import { readThrown } from "../logstore/Foreign.ts"
import { SnapshotStoreError } from "../SnapshotStore.ts"

type Reason = SnapshotStoreError["reason"]

const sentences: Record<Reason, (path: string, detail: string) => string> = {
  "not-writable": (path, detail) => `${path} cannot be read or written (${detail}). Let this user do so.`,
  full: (path, detail) => `The disk that holds ${path} is full (${detail}). No snapshot was made; make room.`,
  corrupt: (path, detail) => `The snapshot ${path} is damaged: ${detail}`,
  "unsupported-version": (path, detail) =>
    `The snapshot ${path} was written by a newer release: ${detail}. Use that release, or a later one.`,
  io: (path, detail) => `The disk that holds ${path} has failed (${detail}). Check the disk.`,
  gone: (path, detail) => `The snapshot ${detail} in ${path} has made way for a newer one. Ask for that.`
}

const isOurs = (reason: string): reason is Reason => reason in sentences

/** `detail` is the part of a sentence that tells what was found. */
export const failure = (reason: Reason, path: string, detail: string, cause?: unknown): SnapshotStoreError => {
  const message = sentences[reason](path, detail)
  return new SnapshotStoreError(cause === undefined ? { reason, message } : { reason, message, cause })
}

/** Runs code that calls Node's file system. What that cannot throw is a bug of ours and stays a defect. */
export const attempt = <A>(path: string, run: () => Promise<A>): Effect.Effect<A, SnapshotStoreError> =>
  Effect.tryPromise({ try: run, catch: (thrown) => thrown }).pipe(
    Effect.catch((thrown) => {
      const read = readThrown(thrown)
      if (read === undefined || !isOurs(read.reason)) return Effect.die(thrown)
      return Effect.fail(failure(read.reason, path, read.detail, thrown))
    })
  )

/** Of a sync, after which nobody knows what the disk holds, whatever has gone wrong. */
export const ofSync = <A>(
  path: string,
  sync: Effect.Effect<A, SnapshotStoreError>
): Effect.Effect<A, SnapshotStoreError> =>
  Effect.mapError(sync, (error) => {
    const { cause, message, reason } = error
    return reason === "io" ? error : failure("io", path, cause instanceof Error ? cause.message : message, cause)
  })
