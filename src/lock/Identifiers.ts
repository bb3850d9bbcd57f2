/**
 * The names and numbers that the lock state machine speaks of, each with a brand of its own.
 *
 * They are checked once, where they enter the system (the API). Here they are plain strings and numbers: a check for
 * integers on each field doubles the time to decode a log entry. A session id never gets here: only its hash does.
 */
import { Schema } from "effect"

/** The name of a lock: 1 to 512 bytes of UTF-8, taken as given. */
export const LockName = Schema.String.pipe(Schema.brand("lock/LockName"))
export type LockName = typeof LockName.Type

/** The base64url SHA-256 of a session id. The id itself is a credential and stays outside the log. */
export const SessionHash = Schema.String.pipe(Schema.brand("lock/SessionHash"))
export type SessionHash = typeof SessionHash.Type

/** Names one request for ever, such as `node1/3f9a/17`: node, boot, counter. For an acquire it is the attempt. */
export const RequestId = Schema.String.pipe(Schema.brand("lock/RequestId"))
export type RequestId = typeof RequestId.Type

/** The fencing token: below 2^53, raised by one for every single grant of the cluster. */
export const FencingToken = Schema.Number.pipe(Schema.brand("lock/FencingToken"))
export type FencingToken = typeof FencingToken.Type

/** Tells the holders of one session apart; `""` unless the client says otherwise. */
export const Owner = Schema.String
export type Owner = typeof Owner.Type

/** `shared` holders exclude only exclusive ones. A semaphore is an exclusive lock with more than one permit. */
export const LockMode = Schema.Literals(["exclusive", "shared"])
export type LockMode = typeof LockMode.Type

/** A length of time in whole milliseconds. */
export const Millis = Schema.Number

/** How many: a whole number, 0 or more. */
export const Count = Schema.Number

/** A request's place in its session: a whole number, counted up by the client. */
export const Seq = Schema.Number
