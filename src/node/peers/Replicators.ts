/**
 * A leader's ways to its followers: the core says what to send, and these say when. What the connections take goes out
 * within the turn, encoded once for all who are to get the same; where one is congested a fiber waits until it takes
 * more, and whatever has gathered meanwhile leaves as one write.
 */
import { Effect, Scope } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import type { RaftMessage } from "../../raft/RaftMessage.ts"
import type { RaftState } from "../../raft/RaftState.ts"
import { forkBeside, type Shell } from "../Shell.ts"
import * as Outbox from "./Outbox.ts"
import type { PeerMessage } from "./PeerMessage.ts"

export interface Replicators {
  readonly has: (to: NodeId) => boolean
  /** Sends each follower its messages, in order. Returns whether some of them have to wait. */
  readonly replicate: (messages: ReadonlyMap<NodeId, ReadonlyArray<RaftMessage>>) => boolean
  /** There is one for each follower: they come and go with the members, and all go with the scope. */
  readonly follow: (state: RaftState) => Effect.Effect<void>
}

type Followers = ReadonlyMap<NodeId, unknown>

const haveSameKeys = (left: Followers, right: Followers): boolean => {
  if (left.size !== right.size) return false
  for (const id of left.keys()) if (!right.has(id)) return false
  return true
}

interface Replicator {
  readonly outbox: Outbox.Outbox
  /** Something waits in the outbox or in the hands of the fiber: nothing may overtake it. */
  isWaiting: boolean
}

export const make = Effect.fnUntraced(function*(shell: Shell) {
  const scope = yield* Effect.scope
  const replicators = new Map<NodeId, Replicator>()
  const change = Effect.fnUntraced(function*(followers: Followers) {
    for (const id of followers.keys()) {
      if (!replicators.has(id)) replicators.set(id, yield* Scope.provide(replicator(shell, id), scope))
    }
    for (const [id, { outbox }] of replicators) {
      if (followers.has(id)) continue
      replicators.delete(id)
      yield* outbox.shutdown
    }
  })
  // Asked after every turn, and as a rule there is one for each already.
  const follow = ({ role }: RaftState): Effect.Effect<void> =>
    role._tag !== "Leader" || haveSameKeys(role.progress, replicators) ? Effect.void : change(role.progress)
  return {
    has: (to) => replicators.has(to),
    replicate: (messages) => replicate(shell, replicators, messages),
    follow
  } satisfies Replicators as Replicators
})

const replicate = (
  shell: Shell,
  replicators: ReadonlyMap<NodeId, Replicator>,
  messages: ReadonlyMap<NodeId, ReadonlyArray<RaftMessage>>
): boolean => {
  const free = [...messages].filter(([to]) => replicators.get(to)?.isWaiting === false)
  const congested = new Set(grouped(free).flatMap(({ messages, to }) => shell.links.write(to, messages.map(toPeer))))
  let mustWait = false
  for (const [to, more] of messages) {
    const one = replicators.get(to)
    if (one === undefined || (!one.isWaiting && !congested.has(to))) continue
    one.isWaiting = true
    mustWait = true
    one.outbox.add(more)
  }
  return mustWait
}

const toPeer = (message: RaftMessage): PeerMessage => ({ _tag: "Raft", message })

interface Group {
  readonly to: Array<NodeId>
  readonly messages: ReadonlyArray<RaftMessage>
}

/** Followers that keep up are sent the same, and it is encoded once. */
const grouped = (all: ReadonlyArray<readonly [NodeId, ReadonlyArray<RaftMessage>]>): ReadonlyArray<Group> => {
  const groups: Array<Group> = []
  for (const [to, messages] of all) {
    const group = groups.find((group) => areSame(group.messages, messages))
    if (group) group.to.push(to)
    else groups.push({ to: [to], messages })
  }
  return groups
}

const areSame = (left: ReadonlyArray<RaftMessage>, right: ReadonlyArray<RaftMessage>): boolean =>
  left.length === right.length && left.every((message, at) => isSame(message, right[at]!))

/** Of messages of one turn of one leader, whose log is one: what follows the same entry begins with the same entry. */
const isSame = (left: RaftMessage, right: RaftMessage): boolean =>
  left._tag === "AppendEntries" && right._tag === "AppendEntries" &&
  left.prevLogIndex === right.prevLogIndex && left.prevLogTerm === right.prevLogTerm &&
  left.entries.length === right.entries.length && left.term === right.term &&
  left.leaderCommit === right.leaderCommit && left.round === right.round

const replicator = Effect.fnUntraced(function*(shell: Shell, to: NodeId) {
  const outbox = yield* Outbox.make
  const one: Replicator = { outbox, isWaiting: false }
  const passOn = Effect.flatMap(
    outbox.take,
    (messages) => messages.length > 0 ? shell.links.send(to, messages.map(toPeer)) : Effect.void
  )
  const rest = Effect.sync(() => {
    one.isWaiting = !outbox.isEmpty()
  })
  yield* forkBeside(shell, Effect.forever(Effect.andThen(passOn, rest)))
  return one
})
