/**
 * Bugs in what a snapshot of the lock table holds, and in how it is taken while the table changes.
 */
import type { Mutant } from "../Mutant.ts"

export const snapshotMutants: ReadonlyArray<Mutant> = [
  {
    name: "a snapshot resets the tokens",
    file: "lock/snapshot/Restoring.ts",
    from: "Object.assign(this.#state, { created, grantsAfter, lastToken, time })",
    to: "Object.assign(this.#state, { created, grantsAfter, lastToken: 0 * lastToken, time })"
  },
  {
    name: "a snapshot resets the replicated clock",
    file: "lock/snapshot/Restoring.ts",
    from: "Object.assign(this.#state, { created, grantsAfter, lastToken, time })",
    to: "Object.assign(this.#state, { created, grantsAfter, lastToken, time: 0 * time })"
  },
  {
    name: "a snapshot starts every lease anew",
    file: "lock/snapshot/RecordReader.ts",
    from: "this.#state.deadlines.schedule(session, deadline)",
    to: "this.#state.deadlines.schedule(session, Math.max(deadline, this.#state.time + ttlMillis))"
  },
  {
    name: "a snapshot forgets what sessions remember",
    file: "lock/snapshot/RecordReader.ts",
    from: "session.note(from.count(), readOutcome(from))",
    to: "[from.count(), readOutcome(from)]"
  },
  {
    name: "a snapshot forgets which requests are done with",
    file: "lock/snapshot/RecordReader.ts",
    from: "session.recall({ seqDone: from.count() - 1 })",
    to: "from.count()"
  },
  {
    name: "a snapshot forgets when holds end",
    file: "lock/snapshot/RecordReader.ts",
    from: "    if (deadline !== Infinity) this.#state.deadlines.schedule(claim, deadline)",
    to: "    if (deadline !== Infinity && phase !== \"held\") this.#state.deadlines.schedule(claim, deadline)"
  },
  {
    name: "a record that changes while a snapshot is read goes into it as it is now",
    file: "lock/snapshot/Snapshotting.ts",
    from: "if (!this.#copies.has(record.order)) this.#copies.add(",
    to: "if (record.order < 0) this.#copies.add("
  },
  {
    name: "a record that changes twice goes into a snapshot as it was in between",
    file: "lock/snapshot/Snapshotting.ts",
    from:
      "if (!this.#copies.has(record.order)) this.#copies.add({ order: record.order, bytes: this.#bytesOf(record) })",
    to: "if (this.#copies.has(record.order)) this.#copies.remove(record.order)\n" +
      "    this.#copies.add({ order: record.order, bytes: this.#bytesOf(record) })"
  },
  {
    name: "a record that is made while a snapshot is read goes into it",
    file: "lock/snapshot/Snapshotting.ts",
    from: "this.#next !== undefined && this.#next.order <= this.#moment.created ? this.#next : undefined",
    to: "this.#next"
  },
  {
    name: "a snapshot is labelled with the term of the entry before",
    file: "raft/Compaction.ts",
    from: "const { term, time } = RaftLog.positionAt(state.log, index)!",
    to: "const { term } = RaftLog.positionAt(state.log, logIndex(Math.max(state.log.start.index, index - 1)))!\n" +
      "  const { time } = RaftLog.positionAt(state.log, index)!"
  },
  {
    name: "a snapshot names a membership that is not committed",
    file: "raft/Compaction.ts",
    from: "const { index: configIndex, membership } = configAt(state, index)!",
    to: "const { index: configIndex, membership } = state.configs.at(-1)!"
  }
]
