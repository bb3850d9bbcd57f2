/**
 * What a node asks of the lock state machine: the payload of a log entry is a batch of these.
 *
 * Every command carries the `request` it came with, minted by the node that received the call, and the reply names it
 * again. A command holds no clock reading: the entry that carries it is stamped, and all its times are lengths.
 */
import { Schema } from "effect"
import { Count, FencingToken, LockMode, LockName, Millis, Owner, RequestId, Seq, SessionHash } from "./Identifiers.ts"

/** How a minted session is to be: see `mint` of Acquire. */
export const Mint = Schema.Struct({ ttlMillis: Millis, label: Schema.String })
export type Mint = typeof Mint.Type

export const LockCommand = Schema.TaggedUnion({
  /** Starts a session. One that exists already is left as it is: the command is a copy. */
  OpenSession: { request: RequestId, session: SessionHash, ttlMillis: Millis, label: Schema.String },
  /** Starts the TTL of a living session anew. */
  RenewSession: { request: RequestId, session: SessionHash },
  /** Releases all that the session holds, withdraws all that it waits for, and ends it. */
  EndSession: { request: RequestId, session: SessionHash },
  /**
   * Asks for a lock; `request` is the id of this attempt. `waitMillis` 0 does not queue. `permits` is the limit that
   * the lock must have. With `mint` the command makes the session as well, and for this lock alone.
   */
  Acquire: {
    request: RequestId,
    lock: LockName,
    session: SessionHash,
    owner: Owner,
    mode: LockMode,
    permits: Count,
    waitMillis: Millis,
    lockDelayMillis: Millis,
    maxHoldMillis: Schema.optionalKey(Millis),
    value: Schema.optionalKey(Schema.String),
    seq: Schema.optionalKey(Seq),
    seqDone: Schema.optionalKey(Seq),
    mint: Schema.optionalKey(Mint)
  },
  /** Gives one grant back. Without `owner` it goes by session and token. */
  Release: {
    request: RequestId,
    lock: LockName,
    session: SessionHash,
    owner: Schema.optionalKey(Owner),
    token: FencingToken,
    seq: Schema.optionalKey(Seq),
    seqDone: Schema.optionalKey(Seq)
  },
  /**
   * Takes `attempt` back. A waiter leaves if it is the latest attempt of its (lock, session, owner); a grant is freed
   * if no other attempt was told of it. Otherwise nothing happens: the client has the answer by another way.
   */
  Abandon: { request: RequestId, lock: LockName, session: SessionHash, owner: Owner, attempt: RequestId },
  /** Moves time, which every entry does, and nothing else. Has no reply. */
  Tick: {}
})
export type LockCommand = typeof LockCommand.Type

export type OpenSession = typeof LockCommand.cases.OpenSession.Type
export type RenewSession = typeof LockCommand.cases.RenewSession.Type
export type EndSession = typeof LockCommand.cases.EndSession.Type
export type Acquire = typeof LockCommand.cases.Acquire.Type
export type Release = typeof LockCommand.cases.Release.Type
export type Abandon = typeof LockCommand.cases.Abandon.Type

/**
 * The batch with its renewals in front and all else in order, so that no client loses its session to commands that
 * piled up while the server paused. A renewal never passes the command of the same batch that makes its session.
 */
export const renewalsFirst = (commands: ReadonlyArray<LockCommand>): ReadonlyArray<LockCommand> => {
  const made = new Set<SessionHash>()
  const renewals: Array<LockCommand> = []
  const rest: Array<LockCommand> = []
  for (const command of commands) {
    if (command._tag === "RenewSession" && !made.has(command.session)) renewals.push(command)
    else rest.push(command)
    if (makesSession(command)) made.add(command.session)
  }
  return renewals.length === 0 ? commands : renewals.concat(rest)
}

const makesSession = (command: LockCommand): command is OpenSession | Acquire =>
  command._tag === "OpenSession" || (command._tag === "Acquire" && command.mint !== undefined)
