/**
 * Snapshots stand for exactly what they replace (§7): each one is the state of the history up to its last
 * entry, with the membership of that place; no log starts behind the snapshot that covers what it lacks;
 * and every state machine is at all times what the history makes of it, whether by entries or by snapshots.
 */
import { LogIndex } from "../../../raft/Entry.ts"
import * as RaftLog from "../../../raft/RaftLog.ts"
import type { Config, RaftState } from "../../../raft/RaftState.ts"
import type { Snapshot } from "../../../raft/Snapshot.ts"
import { Machine } from "../Machine.ts"
import type { SimNode } from "../SimNode.ts"
import { broken, type Invariant, type World } from "../World.ts"

export const make = (world: World): Invariant => {
  /** What a machine that has applied every entry of the history in turn has answered, after each of them. */
  const history: Array<number> = [new Machine().hash]
  const seen = new WeakMap<SimNode, RaftState["snapshot"]>()
  const check = (node: SimNode, state: RaftState): void => {
    if (history[node.machine.index] !== node.machine.hash) {
      broken(`${node.id} has answered otherwise up to entry ${node.machine.index} than the history`)
    }
    if (seen.get(node) === state.snapshot) return
    seen.set(node, state.snapshot)
    onDisk(history, node)
    if (state.snapshot) covers(world, node.id, state.snapshot)
    starts(world, node.id, state)
  }
  return {
    name: "snapshots",
    committed: () => {
      history.push(world.reference.hash)
    },
    turned: ({ actions, after, node }) => {
      check(node, after)
      if (actions.some(({ _tag }) => _tag === "InstallSnapshot" || _tag === "CompactLog")) {
        knowsMembers(world, node.id, after)
        starts(world, node.id, after)
        onDisk(history, node)
      }
    },
    restarted: (node) => {
      seen.delete(node)
      check(node, node.state!)
      restored(node)
      knowsMembers(world, node.id, node.state!)
    }
  }
}

/** What comes out of a snapshot is what went into it. */
const restored = ({ disk: { stored }, id, machine }: SimNode): void => {
  if (stored && machine.table.digest() !== stored.image.digest) {
    broken(`${id} makes another state of the snapshot of ${stored.image.index} than it was taken of`)
  }
}

const onDisk = (history: ReadonlyArray<number>, { disk, id }: SimNode): void => {
  const covered = disk.stored?.snapshot.index ?? 0
  if (covered < disk.log.start.index) broken(`${id} lacks entry ${disk.log.start.index}, and no snapshot covers it`)
  if (!disk.stored) return
  const { hash, index } = disk.stored.image
  if (history[index] !== hash) broken(`${id} has a snapshot of another state after entry ${index} than the history`)
  if (index !== covered) broken(`${id} has bytes of another snapshot`)
}

const covers = (world: World, id: string, { configIndex, index, membership, term, time }: Snapshot): void => {
  const last = world.committed[index - 1]
  if (last?.term !== term || last.time !== time) broken(`${id} has a snapshot of ${index}/${term}, which is not so`)
  const config = committedConfig(world, index)
  if (config?.index !== configIndex || JSON.stringify(config.membership) !== JSON.stringify(membership)) {
    broken(`${id} has a snapshot of ${index} with another membership than there was`)
  }
}

const starts = ({ committed }: World, id: string, { log: { start }, snapshot }: RaftState): void => {
  if (start.index > (snapshot?.index ?? 0)) broken(`${id} has a log from ${start.index} on, behind its snapshot`)
  const before = committed[start.index - 1]
  if (start.index > 0 && (before?.term !== start.term || before.time !== start.time)) {
    broken(`${id} has a log that starts after ${start.index}/${start.term}, which is not so`)
  }
}

/** What the core knows of the membership is what log and history have. */
const knowsMembers = (world: World, id: string, { configs, log }: RaftState): void => {
  const expected = latestConfig(world, log)
  const known = configs.at(-1)
  if (expected?.index !== known?.index || JSON.stringify(expected) !== JSON.stringify(known)) {
    broken(`${id} knows the membership of entry ${known?.index}; the latest is that of ${expected?.index}`)
  }
}

/** The latest in a log; what of it is compacted away is history. */
const latestConfig = (world: World, log: RaftLog.RaftLog): Config | undefined => {
  for (let index = log.lastIndex; index > log.start.index; index = LogIndex.make(index - 1)) {
    const payload = RaftLog.entryAt(log, index)?.payload
    if (payload?._tag === "Config") return { index, membership: payload.membership }
  }
  return committedConfig(world, log.start.index)
}

/** The latest of the history up to an index. */
const committedConfig = ({ configs }: World, last: number): Config | undefined =>
  configs.findLast(({ index }) => index <= last)
