/**
 * The bytes of the commands of an entry. The few kinds that make up nearly all of a log have a plain layout, in which
 * the sessions of an entry, and the boots that its requests come from, are written once; every other kind is the bytes
 * of its schema. To write and to read it costs every node something for every command.
 */
import type { LockName, RequestId, SessionHash } from "../../lock/Identifiers.ts"
import { type Acquire, LockCommand, type Release } from "../../lock/LockCommand.ts"
import { bySchema, kindBySchema, type Mutable } from "../../lock/snapshot/BySchema.ts"
import type { ByteReader } from "../../lock/snapshot/ByteReader.ts"
import type { ByteWriter } from "../../lock/snapshot/ByteWriter.ts"

/**
 * Numbers and texts are as `ByteWriter` writes them. A known text is 0 and the text where it first appears in the
 * entry, and its place among those, counted from 1, from then on. A request such as `node1/3f9a/17` is the known text
 * before its last slash and 1 more than the number behind it; another is a known text and 0. A byte of flags says what
 * is there of that which may be absent.
 *
 *     commands      count, commands
 *     Acquire       1, request, flags, lock, session, owner, permits, waitMillis, lockDelayMillis,
 *                   [maxHoldMillis], [value], [seq], [seqDone], [mint: ttlMillis, label]; flag 32 is shared
 *     Release       2, request, flags, lock, session, token, [owner], [seq], [seqDone]
 *     RenewSession  3, request, session
 *     others        0, length, bytes of the schema
 */
const kinds = { acquire: 1, release: 2, renew: 3 }

const commandBySchema = bySchema(LockCommand)

export const writeCommands = (to: ByteWriter, commands: ReadonlyArray<LockCommand>): void => {
  const known = new Map<string, number>()
  to.number(commands.length)
  for (const command of commands) writeCommand(to, known, command)
}

export const readCommands = (from: ByteReader): ReadonlyArray<LockCommand> => {
  const known: Array<string> = []
  const commands: Array<LockCommand> = []
  for (let left = from.count(); left > 0; left--) commands.push(readCommand(from, known))
  if (!from.isAtEnd) throw new Error("bytes are left over behind the commands of an entry")
  return commands
}

const writeCommand = (to: ByteWriter, known: Map<string, number>, command: LockCommand): void => {
  switch (command._tag) {
    case "Acquire":
      return writeAcquire(to, known, command)
    case "Release":
      return writeRelease(to, known, command)
    case "RenewSession":
      to.byte(kinds.renew)
      writeRequest(to, known, command.request)
      return writeKnown(to, known, command.session)
    default:
      return commandBySchema.write(to, command)
  }
}

const readCommand = (from: ByteReader, known: Array<string>): LockCommand => {
  switch (from.byte()) {
    case kindBySchema:
      return commandBySchema.read(from)
    case kinds.acquire:
      return readAcquire(from, known)
    case kinds.release:
      return readRelease(from, known)
    case kinds.renew: {
      const request = readRequest(from, known)
      return { _tag: "RenewSession", request, session: readKnown(from, known) as SessionHash }
    }
    default:
      throw new Error("an entry has a command of a kind that this release does not know")
  }
}

const writeKnown = (to: ByteWriter, known: Map<string, number>, text: string): void => {
  const place = known.get(text)
  if (place !== undefined) return to.number(place)
  known.set(text, known.size + 1)
  to.number(0)
  to.text(text)
}

const readKnown = (from: ByteReader, known: Array<string>): string => {
  const place = from.count()
  if (place === 0) {
    const text = from.text()
    known.push(text)
    return text
  }
  const text = known[place - 1]
  if (text === undefined) throw new Error("an entry refers to a text that it does not have")
  return text
}

const writeRequest = (to: ByteWriter, known: Map<string, number>, request: string): void => {
  const end = request.lastIndexOf("/")
  const count = Number(request.slice(end + 1))
  const isWhole = Number.isSafeInteger(count) && count >= 0 && count < Number.MAX_SAFE_INTEGER
  const isCounted = end >= 0 && isWhole && String(count) === request.slice(end + 1)
  writeKnown(to, known, isCounted ? request.slice(0, end) : request)
  to.number(isCounted ? count + 1 : 0)
}

const readRequest = (from: ByteReader, known: Array<string>): RequestId => {
  const text = readKnown(from, known)
  const count = from.count()
  return (count === 0 ? text : `${text}/${count - 1}`) as RequestId
}

const writeAcquire = (to: ByteWriter, known: Map<string, number>, acquire: Acquire): void => {
  const { maxHoldMillis, mint, mode, seq, seqDone, value } = acquire
  to.byte(kinds.acquire)
  writeRequest(to, known, acquire.request)
  to.byte(
    (maxHoldMillis === undefined ? 0 : 1) | (value === undefined ? 0 : 2) | (seq === undefined ? 0 : 4) |
      (seqDone === undefined ? 0 : 8) | (mint === undefined ? 0 : 16) | (mode === "shared" ? 32 : 0)
  )
  to.text(acquire.lock)
  writeKnown(to, known, acquire.session)
  to.text(acquire.owner)
  to.number(acquire.permits)
  to.number(acquire.waitMillis)
  to.number(acquire.lockDelayMillis)
  if (maxHoldMillis !== undefined) to.number(maxHoldMillis)
  if (value !== undefined) to.text(value)
  if (seq !== undefined) to.number(seq)
  if (seqDone !== undefined) to.number(seqDone)
  if (mint === undefined) return
  to.number(mint.ttlMillis)
  to.text(mint.label)
}

const readAcquire = (from: ByteReader, known: Array<string>): Acquire => {
  const request = readRequest(from, known)
  const flags = from.byte()
  const acquire: Mutable<Acquire> = {
    _tag: "Acquire",
    request,
    lock: from.text() as LockName,
    session: readKnown(from, known) as SessionHash,
    owner: from.text(),
    mode: (flags & 32) === 0 ? "exclusive" : "shared",
    permits: from.number(),
    waitMillis: from.number(),
    lockDelayMillis: from.number()
  }
  if ((flags & 1) !== 0) acquire.maxHoldMillis = from.number()
  if ((flags & 2) !== 0) acquire.value = from.text()
  if ((flags & 4) !== 0) acquire.seq = from.number()
  if ((flags & 8) !== 0) acquire.seqDone = from.number()
  if ((flags & 16) !== 0) acquire.mint = { ttlMillis: from.number(), label: from.text() }
  return acquire
}

const writeRelease = (to: ByteWriter, known: Map<string, number>, release: Release): void => {
  const { owner, seq, seqDone } = release
  to.byte(kinds.release)
  writeRequest(to, known, release.request)
  to.byte((owner === undefined ? 0 : 1) | (seq === undefined ? 0 : 2) | (seqDone === undefined ? 0 : 4))
  to.text(release.lock)
  writeKnown(to, known, release.session)
  to.number(release.token)
  if (owner !== undefined) to.text(owner)
  if (seq !== undefined) to.number(seq)
  if (seqDone !== undefined) to.number(seqDone)
}

const readRelease = (from: ByteReader, known: Array<string>): Release => {
  const request = readRequest(from, known)
  const flags = from.byte()
  const release: Mutable<Release> = {
    _tag: "Release",
    request,
    lock: from.text() as LockName,
    session: readKnown(from, known) as SessionHash,
    token: from.number() as Release["token"]
  }
  if ((flags & 1) !== 0) release.owner = from.text()
  if ((flags & 2) !== 0) release.seq = from.number()
  if ((flags & 4) !== 0) release.seqDone = from.number()
  return release
}
