/**
 * Why a connection is over. It is told to the log, in words that never repeat what the other side
 * sent; some reasons are the ordinary course of things, the others are faults of the other side.
 */
import { Schema } from "effect"

const faults = {
  "not-holdfast": "does not begin as a Holdfast node does",
  "too-long": "announced a frame longer than allowed",
  "garbled": "sent a frame that does not decode",
  "unknown-kind": "sent a frame of an unknown kind",
  "out-of-place": "sent a frame that has no place there",
  "cut": "closed in the middle of a frame",
  "late": "did not introduce itself in time"
}

const ordinary = {
  "closed": "closed by the other side",
  "reset": "reset by the other side or by the network",
  "silent": "nothing heard for too long",
  "unreachable": "cannot be reached",
  "replaced": "replaced by a newer connection of the same node",
  "halved": "its other direction has ended",
  "crowded-out": "too many others wait to be admitted",
  "let-go": "no longer a peer of this node",
  "moved": "dialed anew at another address"
}

const descriptions = { ...faults, ...ordinary }

export type EndReason = keyof typeof descriptions

const EndReason = Schema.Literals(Object.keys(descriptions) as ReadonlyArray<EndReason>)

export class ConnectionEnded extends Schema.TaggedError<ConnectionEnded>()("ConnectionEnded", {
  reason: EndReason,
  /** What the operating system says, if it says something. */
  code: Schema.optional(Schema.String)
}) {
  override get message(): string {
    return this.code === undefined ? descriptions[this.reason] : `${descriptions[this.reason]} (${this.code})`
  }

  /** Whether the other side has broken the protocol. */
  get isFault(): boolean {
    return this.reason in faults
  }
}
