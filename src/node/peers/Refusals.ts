/**
 * When being turned away ends a node. One peer that refuses may itself be the one on the wrong disk;
 * but a majority knows better, an empty store that is refused by name has nothing to say, and that a store has gone
 * back in time is shown by its own log.
 */
import { Effect } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import { memberOf, membersOf, quorumOf, type RaftState } from "../../raft/RaftState.ts"
import type { Intake } from "../Intake.ts"
import { NodeRefused } from "../NodeErrors.ts"
import type { Refused, Shell } from "../Shell.ts"
import type { Refusal } from "../Transport.ts"
import * as GoneBack from "./GoneBack.ts"

export const heed = (shell: Shell, state: RaftState, { refusals }: Intake): Effect.Effect<void, NodeRefused> => {
  const told = GoneBack.ofSelf(shell, state, null)
  if (told) return Effect.fail(told)
  for (const { peer, refusal } of refusals) {
    const shown = GoneBack.ofSelf(shell, state, refusal)
    if (shown) return Effect.fail(shown)
    const { sinceMillis } = note(shell, peer, refusal)
    const isWiped = refusal.reason === "disk-replaced" && state.log.lastIndex === 0
    const same = [...shell.refusedBy].filter(([, { reason }]) => reason === refusal.reason)
    // A member that is not known yet to peers that are behind will be; they catch up.
    if (refusal.reason === "unknown-node" && memberOf(state, state.self) && state.log.lastIndex > 0) continue
    if (refusal.reason === "wrong-cluster" && mayHaveFoundedInVain(shell, state, sinceMillis)) continue
    const isFatal = isWiped || (foreign.has(refusal.reason) && same.length >= enough(shell, state, refusal))
    if (isFatal) return Effect.fail(new NodeRefused({ by: same.map(([by]) => by), message: refusal.message }))
  }
  return Effect.void
}

/**
 * Who was one of two, and was removed, has only the other to say so. Nor has a peer anything to say that was on an
 * empty disk when it linked: a newcomer like this one, or a member that lost its disk. And who is alone in its cluster
 * does not go by one configured peer, which may itself be the one on the wrong disk.
 */
const enough = (shell: Shell, state: RaftState, { reason }: Refusal): number => {
  if (reason === "wrong-cluster") return Math.max(quorumOf(state), Math.floor(shell.config.peers.size / 2) + 1)
  if (reason !== "removed") return quorumOf(state)
  const others = membersOf(state).filter(({ nodeId, voter }) =>
    voter && nodeId !== state.self && shell.hellos.get(nodeId)?.hasEntries !== false
  )
  return Math.max(1, Math.min(quorumOf(state), others.length))
}

/** A peer that has said the same a little ago goes on saying it. */
const note = ({ now, refusedBy }: Shell, peer: NodeId, { reason }: Refusal): Refused => {
  const before = refusedBy.get(peer)
  const goesOn = before?.reason === reason && now() < before.lastMillis + foundingMillisMax
  const refused = { reason, sinceMillis: goesOn ? before.sinceMillis : now(), lastMillis: now() }
  refusedBy.set(peer, refused)
  return refused
}

/** Peers that founded the cluster anew call soon after they can be reached, and then it is known: see `Founding`. */
const mayHaveFoundedInVain = ({ now }: Shell, { commitIndex }: RaftState, sinceMillis: number): boolean =>
  commitIndex === 0 && now() < sinceMillis + foundingMillisMax

/** Several times what passes at most until a peer that can be reached dials. */
const foundingMillisMax = 5_000

/** Reasons that time does not cure. */
const foreign: ReadonlySet<string> = new Set(["wrong-cluster", "unknown-node", "disk-replaced", "removed"])
