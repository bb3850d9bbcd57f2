/**
 * What promises durability is on the disk when it leaves (figure 2): a vote, a candidate's term, a leader's term, and
 * the entries of an acknowledgement. It sits between a node and its transport, and reads the disk as each message goes.
 */
import { Effect, Layer } from "effect"
import type { MemoryDisk } from "../../node/logstore/LogStoreMemory.ts"
import type { PeerMessage } from "../../node/peers/PeerMessage.ts"
import { type Links, Transport } from "../../node/Transport.ts"
import type { HardState } from "../../raft/Action.ts"
import type { NodeId } from "../../raft/Membership.ts"
import type { RaftMessage } from "../../raft/RaftMessage.ts"
import type { Rules } from "./Rules.ts"

/** The transport of one node, watched. */
export const layer = <R>(
  transport: Layer.Layer<Transport, never, R>,
  id: NodeId,
  disk: MemoryDisk,
  rules: Rules
): Layer.Layer<Transport, never, R> => {
  const see = (to: NodeId, messages: ReadonlyArray<PeerMessage>): void => {
    for (const message of messages) if (message._tag === "Raft") check(rules, id, disk, to, message.message)
  }
  const watched = (links: Links): Links => ({
    ...links,
    offer: (to, messages) => Effect.andThen(Effect.sync(() => see(to, messages)), links.offer(to, messages)),
    send: (to, messages) => Effect.andThen(Effect.sync(() => see(to, messages)), links.send(to, messages)),
    write: (peers, messages) => {
      for (const to of peers) see(to, messages)
      return links.write(peers, messages)
    }
  })
  const watching = Effect.map(
    Transport,
    ({ open }) => Transport.of({ open: (options) => Effect.map(open(options), watched) })
  )
  return Layer.provide(Layer.effect(Transport, watching), transport)
}

const check = (rules: Rules, id: NodeId, { contents }: MemoryDisk, to: NodeId, message: RaftMessage): void => {
  if (contents === null) return
  const { entries, hardState, start } = contents
  const last = entries.at(-1)?.index ?? start.index
  switch (message._tag) {
    case "Vote":
      if (!message.granted || message.preVote || hasVoted(hardState, message.term, to)) return
      return rules.breaks(`${id} votes for ${to} in term ${message.term}, and its disk does not know it`)
    case "RequestVote":
      if (message.preVote || hasVoted(hardState, message.term, id)) return
      return rules.breaks(`${id} asks for votes in term ${message.term}, and its disk does not know it`)
    case "AppendEntries":
      if (hardState.term >= message.term) return
      return rules.breaks(`${id} leads term ${message.term}, and its disk does not know it`)
    case "Appended":
      if (hardState.term > message.term || message.matchIndex <= last) return
      return rules.breaks(`${id} acknowledges entry ${message.matchIndex}, and its disk ends with ${last}`)
    default:
      return undefined
  }
}

/** Who is in a later term by now votes in that one no more. */
const hasVoted = ({ term, votedFor }: HardState, asked: number, candidate: NodeId): boolean =>
  term > asked || (term === asked && votedFor === candidate)
