/**
 * What a backup holds, for whoever looks at it.
 */
import { Effect } from "effect"
import * as Backup from "./Backup.ts"

export interface BackupFacts {
  readonly file: string
  readonly bytes: number
  /** Of the whole file, as `sha256sum` prints it. */
  readonly sha256: string
  readonly release: string
  readonly clusterId: string
  readonly index: number
  readonly term: number
  readonly members: ReadonlyArray<{ readonly nodeId: string; readonly raft: string; readonly voter: boolean }>
  readonly sessions: number
  readonly locks: number
  readonly lastToken: number
  readonly longestTtlMs: number
}

export const inspect = Effect.fnUntraced(function*(file: string) {
  const backup = yield* Backup.read(file)
  const { bytes, release, snapshot: { index, membership: { clusterId, members }, term } } = backup
  // The table is nobody's, so it can be told what a restore would do, and that is what there is to know.
  const facts = yield* Backup.renew(backup, { time: 0, tokensAbove: 0, grantNow: false })
  return {
    file,
    bytes,
    sha256: yield* Backup.sha256(file),
    release,
    clusterId,
    index,
    term,
    members: members.map(({ nodeId, raft, voter }) => ({ nodeId, raft, voter })),
    sessions: facts.sessionsEnded,
    locks: facts.locksFreed,
    lastToken: facts.tokensBefore,
    longestTtlMs: facts.grantsAfterMillis
  } satisfies BackupFacts
})
