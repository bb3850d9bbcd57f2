/**
 * Bugs in the shell of a node, in its stores, and in the client library: what the drive of whole nodes is for.
 */
import type { Mutant } from "../Mutant.ts"

const planted: ReadonlyArray<Omit<Mutant, "drive">> = [
  {
    name: "what promises durability leaves before the write",
    file: "node/Performing.ts",
    from: "    if (write) yield* persist(shell, write)\n",
    to: "    sendSynced(shell, actions)\n    yield* flush(shell)\n    if (write) yield* persist(shell, write)\n"
  },
  {
    name: "a write that failed counts as done",
    file: "node/Performing.ts",
    from: "waitForRoom(shell, write, error) : Effect.fail(error)",
    to: "waitForRoom(shell, write, error) : Effect.void"
  },
  {
    name: "a full disk counts as written",
    file: "node/Performing.ts",
    from: "error.reason === \"full\" ? waitForRoom(shell, write, error)",
    to: "error.reason === \"full\" ? Effect.void"
  },
  {
    name: "only the last entries of a batch are written",
    file: "node/Performing.ts",
    from: "    while (entries.length > 0 && entries.at(-1)!.index >= from) entries.pop()",
    to: "    entries.length = 0"
  },
  {
    name: "a read is answered before what it waits for is applied",
    file: "node/Applying.ts",
    from: "shell.confirmed.filter(({ index }) => index <= shell.lastApplied)",
    to: "shell.confirmed.splice(0)"
  },
  {
    name: "a read is answered by whoever is asked",
    file: "node/RaftNode.ts",
    from: "query: (query) => Effect.flatMap(nextRequest, (request) => ask<LockAnswer>(shell, request, { query }, 0)),",
    to: "query: (query) => queryStale(query),"
  },
  {
    name: "an installed snapshot leaves the old state in place",
    file: "node/snapshots/Installing.ts",
    from: "  shell.snapshots.fetched?.restoring.install()\n",
    to: ""
  },
  {
    name: "entries that an installed snapshot covers are applied again",
    file: "node/snapshots/Installing.ts",
    from: "  shell.lastApplied = snapshot.index\n",
    to: ""
  },
  {
    name: "a snapshot counts before its bytes are synced",
    file: "node/snapshotstore/Writing.ts",
    from: "  yield* file.sync\n",
    to: ""
  },
  {
    name: "a snapshot counts before its name is synced",
    file: "node/snapshotstore/Shelf.ts",
    from: "    yield* disk.sync\n",
    to: ""
  },
  {
    name: "the oldest snapshot is believed after a start",
    file: "node/snapshotstore/Shelf.ts",
    from: "found.toSorted((a, b) => b.index - a.index)[0]",
    to: "found.toSorted((a, b) => a.index - b.index)[0]"
  },
  {
    name: "an older snapshot takes the place of a newer one on the shelf",
    file: "node/snapshotstore/Shelf.ts",
    from: "latest !== null && latest.stored.snapshot.index > stored.snapshot.index",
    to: "latest !== null && latest.stored.snapshot.index < 0"
  },
  {
    name: "nothing moves the replicated clock when nobody asks",
    file: "node/Leading.ts",
    from: "return shell.armTick(null)",
    to: "return shell.armTick(null)\n  if (shell.now() >= 0) return shell.armTick(null)"
  },
  {
    name: "a new leader goes on with the clock of its last leadership",
    file: "node/Leading.ts",
    from: "  if (isLeading(after)) shell.clock = LeaderClock.start(RaftLog.lastTime(after.log), shell.now())\n",
    to: ""
  },
  {
    name: "a cluster's id that was minted in vain is held for that of another cluster",
    file: "node/peers/Founding.ts",
    from: "  shell.doubted = ours\n  return false",
    to: "  shell.doubted = null\n  return true"
  },
  {
    name: "a lease counts from when the answer came",
    file: "client/engine/ClientSession.ts",
    from: "this.#renewedAt = Math.max(this.#renewedAt, call.sentAt)",
    to: "this.#renewedAt = this.options.engine.now"
  },
  {
    name: "a client believes in its lease to the very end of its TTL and beyond",
    file: "client/engine/ClientSession.ts",
    from: "this.#renewedAt + this.options.ttlMillis * lostPart",
    to: "this.#renewedAt + this.options.ttlMillis * 1.2"
  },
  {
    name: "a lock is held on when its session is lost",
    file: "client/engine/ClientSession.ts",
    from: "    for (const grant of this.grants) grant.lose(reason)\n",
    to: ""
  }
]

export const nodeMutants: ReadonlyArray<Mutant> = planted.map((mutant) => ({ ...mutant, drive: "node" }))
