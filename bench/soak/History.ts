/**
 * What clients asked and were told, as they saw it: nothing here knows what the cluster did. Times are of one
 * monotonic clock, in milliseconds.
 */

export type Kind = "open" | "renew" | "acquire" | "release" | "check"

export type Answer =
  /** It happened; of a check: the token is a present holder's. */
  | "ok"
  /** Of an acquire: somebody else has it. */
  | "held"
  /** Of a check: no present holder has this token. */
  | "invalid"
  | "not-holder"
  | "session-expired"
  /** No certain answer, however often it was sent. */
  | "unanswered"
  /** An answer that no rule of the contract explains. */
  | "unexpected"

/** One request, sent again and again, as it was, until one answer was certain. */
export interface Op {
  readonly client: string
  readonly kind: Kind
  /** A number for each session of the run; never its id, which is a secret. */
  readonly session: number
  readonly lock: string | null
  /** Of a grant, or of what is released or checked. */
  readonly token: number | null
  /** When it was sent first, when the attempt was sent that was answered, and when the answer was whole. */
  readonly sentAt: number
  readonly attemptAt: number
  readonly answeredAt: number
  readonly attempts: number
  readonly answer: Answer
  /** What the answer said, where it is unexpected. */
  readonly detail?: string
}

export type History = ReadonlyArray<Op>
