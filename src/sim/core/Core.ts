/**
 * The core under test. A test may put another one in its place, to see that it is found out.
 */
import * as Compaction from "../../raft/Compaction.ts"
import * as RaftCore from "../../raft/RaftCore.ts"
import * as RaftState from "../../raft/RaftState.ts"

export interface Core {
  readonly step: typeof RaftCore.step
  readonly steps: typeof RaftCore.steps
  readonly initial: typeof RaftState.initial
  readonly snapshotAt: typeof Compaction.snapshotAt
}

export const core: Core = {
  step: RaftCore.step,
  steps: RaftCore.steps,
  initial: RaftState.initial,
  snapshotAt: Compaction.snapshotAt
}
