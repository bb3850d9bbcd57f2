/**
 * A follower's side of receiving a snapshot (figure 13): it fetches chunk by chunk into a file beside
 * its state, verifies the whole, loads it beside the present state, and only then lets the core hear
 * of it. Nothing it has is touched before.
 */
import { Effect, Option, Queue, Stream } from "effect"
import { crc32 } from "node:zlib"
import { Event } from "../../raft/Event.ts"
import type { NodeId } from "../../raft/Membership.ts"
import { RaftMessage } from "../../raft/RaftMessage.ts"
import { NodeEvent } from "../NodeEvent.ts"
import type { PeerMessage } from "../peers/PeerMessage.ts"
import { runBeside, type Shell, stopBeside } from "../Shell.ts"
import { type Receiving, SnapshotStoreError } from "../SnapshotStore.ts"
import type { Fetch, Fetched, SnapshotChunk } from "./SnapshotWork.ts"

type SnapshotOffer = Extract<PeerMessage, { _tag: "SnapshotOffer" }>

/**
 * A leader offers. The same file offered again goes on as it is; another takes its place. While one is installed, what
 * is offered must wait: to receive it would take away the file of that one.
 */
export const begin = Effect.fnUntraced(function*(shell: Shell, from: NodeId, offer: SnapshotOffer) {
  const { bytes, checksum, round, snapshot, term } = offer
  // What it has already, it tells with its next answer.
  if (term < shell.state.term || snapshot.index <= shell.state.commitIndex) return
  const message = RaftMessage.cases.InstallSnapshot.make({ term, round, snapshot })
  const present = shell.snapshots.fetch
  if (present?.from === from && present.stored.checksum === checksum) {
    present.message = message
    return
  }
  if (shell.snapshots.fetched !== null) return
  const chunks = yield* Queue.dropping<SnapshotChunk>(chunksAhead)
  const fetch: Fetch = { from, stored: { snapshot, bytes, checksum }, message, chunks }
  shell.snapshots.fetch = fetch
  yield* runBeside(shell, "fetch", run(shell, fetch))
})

export const take = ({ snapshots: { fetch } }: Shell, from: NodeId, chunk: SnapshotChunk): void => {
  if (fetch?.from === from && fetch.stored.checksum === chunk.checksum) Queue.offerUnsafe(fetch.chunks, chunk)
}

/** Lets the core hear of it, unless another offer has come in between: then its file is not there any more. */
export const fetched = (shell: Shell, fetched: Fetched): Option.Option<Event> => {
  const { fetch } = fetched
  if (shell.snapshots.fetch !== fetch) return Option.none()
  shell.snapshots.fetched = fetched
  return Option.some(Event.Received({ from: fetch.from, message: fetch.message }))
}

/** It is installed, or the core would not have it. */
export const over = ({ snapshots }: Shell): void => {
  if (snapshots.fetched === null) return
  if (snapshots.fetch === snapshots.fetched.fetch) snapshots.fetch = null
  snapshots.fetched = null
}

/**
 * The leader is gone or cannot go on. What has come stays on disk for the next offer of the same file. Whom it is
 * fetched from is seen when it is to be stopped: another one may have offered in the same turn.
 */
export const stop = (shell: Shell, from: NodeId): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (shell.snapshots.fetch?.from !== from) return Effect.void
    shell.snapshots.fetch = null
    return stopBeside(shell, "fetch")
  })

const run = (shell: Shell, fetch: Fetch) =>
  Effect.gen(function*() {
    const { bytes, snapshot } = fetch.stored
    yield* Effect.annotateLogs(Effect.logInfo(`fetches a snapshot from ${fetch.from}`), {
      index: snapshot.index,
      bytes
    })
    const receiving = yield* shell.snapshotStore.receive(fetch.stored)
    yield* receiveAll(shell, fetch, receiving)
    const restoring = yield* load(shell, receiving)
    yield* Queue.offer(shell.inbox, NodeEvent.SnapshotFetched({ fetched: { fetch, receiving, restoring } }))
  }).pipe(
    Effect.catch(({ message }) => giveUp(shell, fetch, message)),
    Effect.onInterrupt(() => Effect.sync(() => forget(shell, fetch)))
  )

const forget = ({ snapshots }: Shell, fetch: Fetch): void => {
  if (snapshots.fetch === fetch) snapshots.fetch = null
}

/** Keeps a few chunks on their way while it writes those that have come. */
const receiveAll = Effect.fnUntraced(function*(shell: Shell, { chunks, from, stored }: Fetch, receiving: Receiving) {
  const { bytes, checksum } = stored
  let asked = receiving.offset()
  while (receiving.offset() < bytes) {
    for (; asked < Math.min(bytes, receiving.offset() + chunksAhead * chunkBytes); asked += chunkBytes) {
      yield* shell.links.send(from, [{ _tag: "SnapshotWanted", checksum, offset: asked, length: chunkBytes }])
    }
    const chunk = yield* Effect.timeoutOption(Queue.take(chunks), patienceMillis)
    // Something was lost on the way: ask once more, from where the file ends.
    if (Option.isNone(chunk)) asked = receiving.offset()
    else if (isNext(chunk.value, receiving.offset())) yield* receiving.append(chunk.value.offset, chunk.value.bytes)
  }
})

/** A chunk that came twice, or behind a gap, is dropped; a gap is noticed by the wait. */
const isNext = ({ bytes, crc, offset }: SnapshotChunk, wanted: number): boolean =>
  offset === wanted && bytes.length > 0 && crc32(bytes) === crc

/** Piece by piece, with turns of the node in between. */
const load = Effect.fnUntraced(function*(shell: Shell, receiving: Receiving) {
  const restoring = shell.lockStore.restoring()
  const add = (piece: Uint8Array) =>
    Effect.try({
      try: () => restoring.add(piece),
      catch: (cause) => new SnapshotStoreError({ reason: "corrupt", message: String(cause) })
    })
  yield* Stream.runForEach(receiving.pieces, (piece) => Effect.andThen(add(piece), Effect.yieldNow))
  return restoring
})

/** The leader hears of it a while later: what fails for good must not be tried without pause. */
const giveUp = Effect.fnUntraced(function*(shell: Shell, fetch: Fetch, reason: string) {
  const { from, stored: { checksum } } = fetch
  yield* Effect.annotateLogs(Effect.logError(`could not take over a snapshot from ${from}`), { reason })
  yield* Effect.sleep(patienceMillis)
  forget(shell, fetch)
  yield* shell.links.send(from, [{ _tag: "SnapshotEnded", checksum }])
})

const chunksAhead = 4
const patienceMillis = 1_000
/** Long enough to keep disk and network busy, short beside a heartbeat. */
const chunkBytes = 256 * 1024
