/**
 * Election safety (§5.2, figure 3): at most one leader can be elected in a given term.
 *
 * A sole voter that falls before its new term is on disk has never led: nobody has heard of that term.
 */
import type { SimNode } from "../SimNode.ts"
import { broken, type Invariant } from "../World.ts"

export const make = (): Invariant => {
  const leaders = new Map<number, { readonly node: SimNode; readonly life: number }>()
  return {
    name: "election safety",
    turned: ({ after, node }) => {
      if (after.role._tag !== "Leader" || node.disk.hardState.term < after.term) return
      const known = leaders.get(after.term)
      if (!known) leaders.set(after.term, { node, life: node.life })
      else if (known.node !== node || known.life !== node.life) {
        broken(`${known.node.id} (life ${known.life}) and ${node.id} (life ${node.life}) lead term ${after.term}`)
      }
    }
  }
}
