/**
 * The bytes of batches and outcomes. The few kinds that make up nearly all of a conversation have a plain layout, since
 * to read a lone acquire by its schema takes longer than to decide it; every other kind is the bytes of its schema.
 */
import { Redacted } from "effect"
import { bySchema, kindBySchema, type Mutable } from "../../lock/snapshot/BySchema.ts"
import { ByteReader } from "../../lock/snapshot/ByteReader.ts"
import { ByteWriter } from "../../lock/snapshot/ByteWriter.ts"
import { type Acquire, type Group, Operation, Outcome } from "./Conversation.ts"

/**
 * Numbers and texts are as `ByteWriter` writes them; numbers are whole and not negative. What no writer says throws. A
 * byte of flags says what is there of that which may be absent, in the order of the layout.
 *
 *     batch      count of groups, groups
 *     a group    flags, [session], [seqDone], count of operations, operations
 *     Acquire    1, id, flags, seq, lock, owner, waitMs,
 *                [mode: 1 is shared], [permits], [lockDelayMs], [maxHoldMs], [value]
 *     Release    2, id, seq, lock, owner, token
 *     others     3 RenewSession, 4 Ping: id; 0: length, bytes of the schema
 *
 *     outcomes   count, outcomes
 *     Granted    1, id, flags, token, expiresInMs, [holdEndsInMs]
 *     others     2 Released, 3 SessionRenewed, 4 Pong: id; 0: length, bytes of the schema
 */

const kinds = { acquire: 1, release: 2, renew: 3, ping: 4, granted: 1, released: 2, renewed: 3, pong: 4 }

const operationBySchema = bySchema(Operation)
const outcomeBySchema = bySchema(Outcome)

/** Reads all that is there. */
const readAll = <A>(bytes: Uint8Array, read: (from: ByteReader) => A): ReadonlyArray<A> => {
  const from = new ByteReader(bytes)
  const all: Array<A> = []
  for (let left = from.count(); left > 0; left--) all.push(read(from))
  if (!from.isAtEnd) throw new Error("bytes are left over")
  return all
}

// One writer serves all: what it has written is lent until the next call.
const writer = new ByteWriter()

const writeAll = <A>(all: ReadonlyArray<A>, write: (to: ByteWriter, one: A) => void): Uint8Array => {
  writer.length = 0
  writer.number(all.length)
  for (const one of all) write(writer, one)
  return writer.since(0)
}

interface Codec<A> {
  /** The bytes are lent until the next call of any. */
  readonly encode: (value: A) => Uint8Array
  /** Throws on what is none. */
  readonly decode: (bytes: Uint8Array) => A
}

export const batch: Codec<ReadonlyArray<Group>> = {
  encode: (groups) => writeAll(groups, writeGroup),
  decode: (bytes) => readAll(bytes, readGroup)
}

export const outcomes: Codec<ReadonlyArray<Outcome>> = {
  encode: (all) => writeAll(all, writeOutcome),
  decode: (bytes) => readAll(bytes, readOutcome)
}

const writeGroup = (to: ByteWriter, { operations, seqDone, session }: Group): void => {
  to.byte((session === undefined ? 0 : 1) | (seqDone === undefined ? 0 : 2))
  if (session !== undefined) to.text(Redacted.value(session))
  if (seqDone !== undefined) to.number(seqDone)
  to.number(operations.length)
  for (const operation of operations) writeOperation(to, operation)
}

const readGroup = (from: ByteReader): Group => {
  const flags = from.byte()
  const session = (flags & 1) === 0 ? undefined : Redacted.make(from.text())
  const seqDone = (flags & 2) === 0 ? undefined : from.count()
  const operations: Array<Operation> = []
  for (let left = from.count(); left > 0; left--) operations.push(readOperation(from))
  return {
    ...(session === undefined ? undefined : { session }),
    ...(seqDone === undefined ? undefined : { seqDone }),
    operations
  }
}

const writeOperation = (to: ByteWriter, operation: Operation): void => {
  switch (operation._tag) {
    case "Acquire":
      return isPlain(operation) ? writeAcquire(to, operation) : operationBySchema.write(to, operation)
    case "Release":
      to.byte(kinds.release)
      to.number(operation.id)
      to.number(operation.seq)
      to.text(operation.lock)
      to.text(operation.owner)
      return to.number(operation.token)
    case "RenewSession":
      to.byte(kinds.renew)
      return to.number(operation.id)
    case "Ping":
      to.byte(kinds.ping)
      return to.number(operation.id)
    default:
      return operationBySchema.write(to, operation)
  }
}

const readOperation = (from: ByteReader): Operation => {
  switch (from.byte()) {
    case kindBySchema:
      return operationBySchema.read(from)
    case kinds.acquire:
      return readAcquire(from)
    case kinds.release:
      return {
        _tag: "Release",
        id: from.count(),
        seq: from.count(),
        lock: from.text(),
        owner: from.text(),
        token: from.count()
      }
    case kinds.renew:
      return { _tag: "RenewSession", id: from.count() }
    case kinds.ping:
      return { _tag: "Ping", id: from.count() }
    default:
      throw new Error("no operation of a conversation")
  }
}

/**
 * What a client should not ask for goes as it is, and the node says what is wrong with it. So does what is traced: the
 * layout has no place for that.
 */
const isPlain = ({ lockDelayMs = 0, maxHoldMs = 0, permits = 0, traceparent, waitMs }: Acquire): boolean =>
  traceparent === undefined && isWhole(waitMs) && isWhole(permits) && isWhole(lockDelayMs) && isWhole(maxHoldMs)

const isWhole = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

const writeAcquire = (to: ByteWriter, acquire: Acquire): void => {
  const { lockDelayMs, maxHoldMs, mode, permits, value } = acquire
  to.byte(kinds.acquire)
  to.number(acquire.id)
  to.byte(
    (mode === undefined ? 0 : 1) | (permits === undefined ? 0 : 2) | (lockDelayMs === undefined ? 0 : 4) |
      (maxHoldMs === undefined ? 0 : 8) | (value === undefined ? 0 : 16)
  )
  to.number(acquire.seq)
  to.text(acquire.lock)
  to.text(acquire.owner)
  to.number(acquire.waitMs)
  if (mode !== undefined) to.byte(mode === "shared" ? 1 : 0)
  if (permits !== undefined) to.number(permits)
  if (lockDelayMs !== undefined) to.number(lockDelayMs)
  if (maxHoldMs !== undefined) to.number(maxHoldMs)
  if (value !== undefined) to.text(value)
}

const readAcquire = (from: ByteReader): Acquire => {
  const id = from.count()
  const flags = from.byte()
  const acquire: Mutable<Acquire> = {
    _tag: "Acquire",
    id,
    seq: from.count(),
    lock: from.text(),
    owner: from.text(),
    waitMs: from.count()
  }
  if ((flags & 1) !== 0) acquire.mode = from.byte() === 1 ? "shared" : "exclusive"
  if ((flags & 2) !== 0) acquire.permits = from.count()
  if ((flags & 4) !== 0) acquire.lockDelayMs = from.count()
  if ((flags & 8) !== 0) acquire.maxHoldMs = from.count()
  if ((flags & 16) !== 0) acquire.value = from.text()
  return acquire
}

const writeOutcome = (to: ByteWriter, outcome: Outcome): void => {
  switch (outcome._tag) {
    case "Granted":
      to.byte(kinds.granted)
      to.number(outcome.id)
      to.byte(outcome.holdEndsInMs === undefined ? 0 : 1)
      to.number(outcome.token)
      to.number(outcome.expiresInMs)
      if (outcome.holdEndsInMs !== undefined) to.number(outcome.holdEndsInMs)
      return
    case "Released":
      to.byte(kinds.released)
      return to.number(outcome.id)
    case "SessionRenewed":
      to.byte(kinds.renewed)
      return to.number(outcome.id)
    case "Pong":
      to.byte(kinds.pong)
      return to.number(outcome.id)
    default:
      return outcomeBySchema.write(to, outcome)
  }
}

const readOutcome = (from: ByteReader): Outcome => {
  switch (from.byte()) {
    case kindBySchema:
      return outcomeBySchema.read(from)
    case kinds.granted: {
      const id = from.count()
      const hasHoldEnd = from.byte() === 1
      const granted = { _tag: "Granted", id, token: from.count(), expiresInMs: from.count() } as const
      return hasHoldEnd ? { ...granted, holdEndsInMs: from.count() } : granted
    }
    case kinds.released:
      return { _tag: "Released", id: from.count() }
    case kinds.renewed:
      return { _tag: "SessionRenewed", id: from.count() }
    case kinds.pong:
      return { _tag: "Pong", id: from.count() }
    default:
      throw new Error("no outcome of a conversation")
  }
}
