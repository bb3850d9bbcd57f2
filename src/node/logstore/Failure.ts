/**
 * Why a log store cannot be opened or written, as the person who runs the node hears it.
 *
 * Every message names the data directory and says what to do. Two reasons leave the store itself as it was: `full`
 * goes on as soon as there is room, `in-use` belongs to somebody else. After all others a human has to act.
 */
import { LogStoreError } from "../LogStore.ts"

export type Reason = LogStoreError["reason"]

// An older copy of a data directory would start without complaint, and break the promises made since (§5.2).
const adviceOnDamage = "Restore the directory from a copy that was made after this node last stopped, or start the " +
  "node with --rejoin: it sets this data aside and comes back as a new member with the data of the others"

const sentences: Record<Reason, (dataDir: string, detail: string) => string> = {
  "in-use": (dataDir) =>
    `The data directory ${dataDir} is in use by another process. Stop that process, or choose another directory.`,
  "not-writable": (dataDir, detail) =>
    `The data directory ${dataDir} cannot be written (${detail}). ` +
    "Let this user write there, or choose another directory.",
  full: (dataDir, detail) =>
    `The disk that holds ${dataDir} is full (${detail}). Nothing of this write was kept; make room, and it can go on.`,
  corrupt: (dataDir, detail) => `The log in ${dataDir} is damaged: ${detail}. ${adviceOnDamage}.`,
  "wrong-node": (dataDir, detail) =>
    `The data directory ${dataDir} ${detail}. Start the node that it belongs to, or choose another directory.`,
  "unsupported-version": (dataDir, detail) =>
    `The log in ${dataDir} was written by a newer release: ${detail}. Start that release, or a later one.`,
  unfinished: (dataDir) =>
    `The data directory ${dataDir} is that of a restore that was cut short, and no node starts on it. ` +
    "Run `holdfast snapshot restore` with it once more, or choose another directory.",
  io: (dataDir, detail) =>
    `The disk that holds ${dataDir} has failed (${detail}). Nothing more is written to it; ` +
    "check the disk before this node starts again."
}

/** `detail` is the part of a sentence that tells what was found. */
export const failure = (reason: Reason, dataDir: string, detail: string, cause?: unknown): LogStoreError => {
  const message = sentences[reason](dataDir, detail)
  return cause === undefined ? new LogStoreError({ reason, message }) : new LogStoreError({ reason, message, cause })
}
