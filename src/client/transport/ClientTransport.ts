/**
 * How the client library reaches the nodes: a link to one of them, on which batches of operations go out and outcomes
 * come back. A link that has ended is never mended; who needs the cluster makes another.
 */
import { Context, type Effect, type Scope, type Stream } from "effect"
import type { WatchEvent } from "../../api/Events.ts"
import type { Group, Outcome } from "../../api/rpc/Conversation.ts"
import type { NoAnswer, NoNodeAnswers } from "../ClientErrors.ts"

export interface Link {
  /** The node, as it was asked for. */
  readonly address: string
  /** Says a batch, and succeeds when the node can take another. */
  readonly send: (groups: ReadonlyArray<Group>) => Effect.Effect<void, NoAnswer>
  /** Fails when the link has ended, and says why. */
  readonly ended: Effect.Effect<never, NoAnswer>
  /** Succeeds when nothing is under way on it, where a node takes a wait for given up whose link is closed. */
  readonly drained?: Effect.Effect<void>
}

export class ClientTransport extends Context.Service<ClientTransport, {
  /** Where nodes of the cluster are, as they were given: at least one. */
  readonly nodes: ReadonlyArray<string>
  /** Whether what nodes tell of the leader is an address that can be connected to. */
  readonly followsLeader: boolean
  /** Succeeds when the node has answered. The link ends with the scope. */
  readonly connect: (
    address: string,
    hear: (outcomes: ReadonlyArray<Outcome>) => void
  ) => Effect.Effect<Link, NoAnswer, Scope.Scope>
  /**
   * What becomes of locks whose names begin so, from now on. When its node is lost it goes on at another, and what was
   * missed is told as a gap. Fails if no node answers at the start.
   */
  readonly watch: (prefix: string) => Stream.Stream<WatchEvent, NoNodeAnswers>
}>()("client/ClientTransport") {}
