/**
 * What lies below frames: a way to dial and to be dialed, and the bytes of one connection. It is TCP,
 * or a network in memory; everything above is the same for both.
 */
import type { Effect, Scope } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import type { Address, TransportError } from "../Transport.ts"
import type { ConnectionEnded } from "./ConnectionEnded.ts"

/** One connection, as one of its ends sees it. Bytes arrive whole and in order, or the connection ends. */
export interface Wire {
  /** The other end, for the log. */
  readonly remote: string
  /** Waits for bytes. It fails with `closed` when the other side has closed, after all that it sent. */
  readonly pull: Effect.Effect<ReadonlyArray<Uint8Array>, ConnectionEnded>
  /** Hands bytes over before it returns, unless earlier ones are still waiting. Does nothing once it has ended. */
  readonly write: (bytes: Uint8Array) => void
  /** What is waiting to be handed over. */
  readonly backlogBytes: () => number
  readonly isCongested: () => boolean
  /** Waits until it is not congested, or has ended. */
  readonly drained: Effect.Effect<void>
  readonly destroy: () => void
}

/** A wire that is there, and is destroyed when the scope closes. */
export type Opening = Effect.Effect<Wire, ConnectionEnded, Scope.Scope>

export interface Medium {
  /** May wait for ever; whoever dials has a clock. */
  readonly dial: (peer: NodeId, address: Address) => Opening
  /** Listens until the scope closes. `accept` is called for each connection, and must not wait. */
  readonly listen: (accept: (opening: Opening) => void) => Effect.Effect<void, TransportError, Scope.Scope>
}
