/**
 * A leader's side of sending a snapshot (figure 13): it offers, and the follower fetches at its own
 * pace. So the leader keeps nothing but an open offer, a follower that is slow slows nobody, and one
 * that was cut off goes on where it was.
 */
import { Effect, Option, Queue } from "effect"
import { crc32 } from "node:zlib"
import { Event } from "../../raft/Event.ts"
import type { NodeId } from "../../raft/Membership.ts"
import type { RaftState } from "../../raft/RaftState.ts"
import { NodeEvent } from "../NodeEvent.ts"
import type { PeerMessage } from "../peers/PeerMessage.ts"
import { post, runBeside, type Shell, stopBeside } from "../Shell.ts"
import type { InstallSnapshot, Offer, SnapshotWanted } from "./SnapshotWork.ts"
import * as Verifying from "./Verifying.ts"

/** Offers the latest snapshot, whose bytes then go out as fast as they are asked for. */
export const offer = Effect.fnUntraced(function*(shell: Shell, to: NodeId, { round, snapshot, term }: InstallSnapshot) {
  const stored = shell.snapshotStore.latest()
  // A later one has been written meanwhile: the core hears of it, and offers that one.
  if (stored?.snapshot.index !== snapshot.index) return yield* reportFailure(shell, to, snapshot)
  const { bytes, checksum } = stored
  const wanted = yield* Queue.sliding<SnapshotWanted>(wantedLengthMax)
  const offer: Offer = { stored, wanted }
  shell.snapshots.offers.set(to, offer)
  const message: PeerMessage = { _tag: "SnapshotOffer", term, round, snapshot, bytes, checksum }
  post(shell, to, message)
  yield* runBeside(shell, `offer to ${to}`, serve(shell, to, offer, message))
})

/** The follower asks for bytes. */
export const want = (shell: Shell, from: NodeId, wanted: SnapshotWanted): void => {
  const offer = shell.snapshots.offers.get(from)
  if (offer?.stored.checksum === wanted.checksum) Queue.offerUnsafe(offer.wanted, wanted)
  else post(shell, from, { _tag: "SnapshotEnded", checksum: wanted.checksum })
}

const withdraw = (shell: Shell, to: NodeId): Effect.Effect<void> =>
  shell.snapshots.offers.delete(to) ? stopBeside(shell, `offer to ${to}`) : Effect.void

/** The follower cannot use it. */
export const end = Effect.fnUntraced(function*(shell: Shell, from: NodeId, checksum: string) {
  const offer = shell.snapshots.offers.get(from)
  if (offer?.stored.checksum !== checksum) return
  yield* withdraw(shell, from)
  yield* Verifying.doubt(shell, offer.stored)
  yield* reportFailure(shell, from, offer.stored.snapshot)
})

/** Withdraws what is no longer wanted: the follower has it, or is gone, or this node leads no more. */
export const tidy = (shell: Shell, { role }: RaftState): Effect.Effect<void> => {
  if (shell.snapshots.offers.size === 0) return Effect.void
  const isWanted = (to: NodeId) => role._tag === "Leader" && role.progress.get(to)?.mode === "Snapshot"
  const unwanted = [...shell.snapshots.offers.keys()].filter((to) => !isWanted(to))
  return Effect.forEach(unwanted, (to) => withdraw(shell, to), { discard: true })
}

/**
 * An offer to a peer whose connection is full is dropped, like anything else that is not replicated, and the follower
 * gets nothing until it hears of it: who asks for nothing is offered it again. To hear it twice changes nothing.
 */
const serve = (shell: Shell, to: NodeId, { stored, wanted }: Offer, offered: PeerMessage) =>
  Effect.timeoutOption(Queue.take(wanted), silentMillisMax).pipe(
    Effect.flatMap(Option.match({
      onNone: () => shell.links.send(to, [offered]),
      onSome: (wanted) => sendChunk(shell, to, stored, wanted)
    })),
    Effect.forever,
    Effect.catch(({ message }) =>
      Effect.gen(function*() {
        yield* Effect.annotateLogs(Effect.logWarning(`could not go on sending a snapshot to ${to}`), {
          reason: message
        })
        yield* shell.links.send(to, [{ _tag: "SnapshotEnded", checksum: stored.checksum }])
        yield* Verifying.doubt(shell, stored)
        yield* reportFailure(shell, to, stored.snapshot)
      })
    )
  )

const sendChunk = Effect.fnUntraced(
  function*(shell: Shell, to: NodeId, stored: Offer["stored"], { length, offset }: SnapshotWanted) {
    const bytes = yield* shell.snapshotStore.read(stored, offset, Math.min(length, chunkBytesMax))
    yield* shell.links.send(to, [{
      _tag: "SnapshotChunk",
      checksum: stored.checksum,
      offset,
      crc: crc32(bytes),
      bytes
    }])
  }
)

const reportFailure = (shell: Shell, peer: NodeId, { index }: InstallSnapshot["snapshot"]): Effect.Effect<void> =>
  // Not in the turn itself: the inbox may be full, and only turns make room in it.
  runBeside(
    shell,
    `failure at ${peer}`,
    Queue.offer(shell.inbox, NodeEvent.Timed({ event: Event.SnapshotFailed({ peer, index }) }))
  )

/** Short beside the longest frame, whatever is asked for. */
const chunkBytesMax = 1024 * 1024
const wantedLengthMax = 16
/** Longer than a follower is busy with what it has asked for, but for the last of it, which it loads. */
const silentMillisMax = 2_000
