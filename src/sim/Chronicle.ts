/**
 * What happened in a run, in the order it happened, for people: what was done to the nodes, what they made of it, and
 * what clients got. A run that nobody wants to read keeps none of it.
 */
export type NoteKind =
  | "start"
  | "crash"
  | "wipe"
  | "pause"
  | "disk"
  | "clock"
  | "cut"
  | "heal"
  | "lead"
  | "depose"
  | "members"
  | "snapshot"
  | "session"
  | "grant"
  | "release"
  | "lost"
  | "client"
  | "broken"

export interface Chronicle {
  readonly note: (kind: NoteKind, text: string, node?: number) => void
  /** Whether anybody reads it: to make words for nobody costs time. */
  readonly isKept: boolean
}

export const unread: Chronicle = { note: () => {}, isKept: false }
