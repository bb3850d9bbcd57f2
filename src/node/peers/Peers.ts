/**
 * Whom this node dials, and where. The log says who belongs to the cluster; where a member is, it says
 * best itself, then the configuration, and then the log.
 */
import { Effect, Option } from "effect"
import type { Member, NodeId } from "../../raft/Membership.ts"
import { type Config, configAt, isLeading, memberOf, membersOf, type RaftState } from "../../raft/RaftState.ts"
import { parseAddress } from "../config/Peers.ts"
import type { Shell } from "../Shell.ts"
import type { Address } from "../Transport.ts"
import { committed, mayKnowMore } from "./Admission.ts"

/** Tells the transport when that has changed. */
export const follow = (shell: Shell, state: RaftState): Effect.Effect<void> =>
  Effect.suspend(() => {
    const peers = peersOf(shell, state)
    const isNews = peers.size !== shell.peers.size || [...peers].some(([id, address]) => {
      const before = shell.peers.get(id)
      return before?.host !== address.host || before.port !== address.port
    })
    if (!isNews) return Effect.void
    shell.peers = peers
    return shell.links.setPeers(peers)
  })

const peersOf = (shell: Shell, state: RaftState): ReadonlyMap<NodeId, Address> => {
  const peers = new Map<NodeId, Address>()
  const add = (id: NodeId, address: Address | undefined) => {
    if (id !== state.self && address) peers.set(id, address)
  }
  // Whatever the log says: a node on the data of another cluster, or of one that it was removed from, must hear so.
  for (const [id, address] of shell.config.peers) {
    if (!hasLeft(state, id) && !isToBeTold(shell, state, id)) add(id, address)
  }
  // A node that is no member by its own log has an old log or none: whoever it knows may know better.
  if (!memberOf(state, state.self)) { for (const [id, address] of shell.peers) add(id, address) }
  // A stranger may know more: as soon as this node knows as much, it is let go, comes back, and is told what it is.
  for (const id of shell.linked) {
    const hello = shell.hellos.get(id)
    if (hello && !hello.joins && !memberOf(state, id) && mayKnowMore({ asksToJoin: shell.asksToJoin, state }, hello)) {
      add(id, addressIn(hello.raft))
    }
  }
  // A peer that was removed is kept until it has heard so.
  const leaving = isLeading(state) ? state.role.progress.keys() : []
  for (const id of leaving) add(id, shell.peers.get(id))
  for (const member of agreedMembers(state)) add(member.nodeId, addressOf(shell, member))
  for (const member of membersOf(state)) add(member.nodeId, addressOf(shell, member))
  return peers
}

/**
 * Whoever leaves by an entry that is not known to be committed, as none is at the start of a node. It may be linked as
 * one that asks to join: when the entry is committed it is let go like any other, comes back, and is told.
 */
const agreedMembers = (state: RaftState): ReadonlyArray<Member> => {
  const agreed = configAt(state, state.commitIndex)
  return agreed === undefined || agreed === state.configs.at(-1) ? none : agreed.membership.members
}

const none: ReadonlyArray<Member> = []

/**
 * It was let in while this node knew less, and is no member by all that either has. It is let go, so that it comes back
 * and is told.
 */
const isToBeTold = (shell: Shell, state: RaftState, id: NodeId): boolean => {
  const hello = shell.linked.has(id) ? shell.hellos.get(id) : undefined
  if (!hello || hello.joins || !memberOf(state, state.self)) return false
  const isNamed = memberOf(state, id) ?? committed(state, hello)
  return !isNamed && !mayKnowMore({ asksToJoin: shell.asksToJoin, state }, hello)
}

/**
 * Its removal is committed. It is let go: whichever node it dials from then on tells it so, whoever leads by then
 * and whatever has been lost on the way.
 */
export const hasLeft = (
  { commitIndex, configs }: Pick<RaftState, "commitIndex" | "configs">,
  id: NodeId
): boolean => {
  const committed = configs.findLastIndex(({ index }) => index <= commitIndex)
  if (committed < 1) return false
  const names = ({ membership: { members } }: Config) => members.some(({ nodeId }) => nodeId === id)
  return configs.slice(0, committed).some(names) && !configs.slice(committed).some(names)
}

const addressIn = (text: string): Address | undefined => {
  const known = parsed.get(text)
  if (known !== undefined) return known
  const address = Option.getOrUndefined(parseAddress(text))
  if (parsed.size >= parsedMax) parsed.clear()
  if (address) parsed.set(text, address)
  return address
}

/** Every turn asks for the addresses of all, and they hardly ever change. */
const parsed = new Map<string, Address>()
const parsedMax = 64

const addressOf = ({ config, hellos }: Shell, { nodeId, raft, storeId }: Member): Address | undefined => {
  const hello = hellos.get(nodeId)
  const announced = hello?.storeId === storeId ? addressIn(hello.raft) : undefined
  return announced ?? config.peers.get(nodeId) ?? addressIn(raft)
}
