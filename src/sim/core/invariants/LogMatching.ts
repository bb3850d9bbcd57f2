/**
 * Log matching (§5.3, figure 3): if two logs contain an entry with the same index and term, then the logs
 * are identical in all entries up through the given index.
 *
 * An entry is one object for as long as the run lasts, so it is enough that each (index, term) is one
 * object and always stands behind the same one.
 */
import type { Entry, LogIndex } from "../../../raft/Entry.ts"
import { broken, entryIn, type Invariant, type World } from "../World.ts"

export const make = (world: World): Invariant => {
  const known = new Map<string, { readonly entry: Entry; readonly previous: Entry | undefined }>()
  return {
    name: "log matching",
    turned: ({ actions, after, node }) => {
      for (const action of actions) {
        // Before its term is on disk a sole voter has shown its entries to nobody, and may make others.
        const isSecret = after.role._tag === "Leader" && node.disk.hardState.term < after.term
        if (action._tag !== "PersistEntries" || isSecret) continue
        for (const { index } of action.entries) check(node.id, index, (at) => entryIn(world, after.log, at))
      }
    }
  }

  function check(id: string, index: LogIndex, entryAt: (index: number) => Entry | undefined): void {
    const entry = entryAt(index)
    // A later message of the same batch has dropped it again.
    if (!entry) return
    const previous = entryAt(index - 1)
    const key = `${index} ${entry.term}`
    const first = known.get(key)
    if (!first) known.set(key, { entry, previous })
    else if (first.entry !== entry || first.previous !== previous) {
      broken(`${id} has another entry ${index} of term ${entry.term} than somebody else, or another one before it`)
    }
  }
}
