/**
 * Sorts what came into the inbox: events for the core, requests to route, and answers that settle
 * requests at once.
 */
import { type Effect, Option } from "effect"
import type { LockCommand } from "../lock/LockCommand.ts"
import type { LockAnswer } from "../lock/LockQuery.ts"
import type { LockReply } from "../lock/LockReply.ts"
import { LogIndex, Term } from "../raft/Entry.ts"
import { Event } from "../raft/Event.ts"
import type { NodeId } from "../raft/Membership.ts"
import * as Administration from "./administration/Administration.ts"
import * as Asking from "./administration/Asking.ts"
import * as Codec from "./codec/Codec.ts"
import type { NodeEvent } from "./NodeEvent.ts"
import * as PeerMarks from "./peers/PeerMarks.ts"
import type { PeerMessage } from "./peers/PeerMessage.ts"
import { type Ask, foreignUntil, type Pending } from "./requests/Requests.ts"
import { post, type Shell } from "./Shell.ts"
import * as Exchange from "./snapshots/Exchange.ts"
import * as Fetching from "./snapshots/Fetching.ts"
import * as Taking from "./snapshots/Taking.ts"
import { parentOf } from "./tracing/Tracing.ts"
import type { Refusal, TransportEvent } from "./Transport.ts"
import { bodyBytesMax } from "./transport/Frame.ts"
import { versionOf } from "./transport/Protocol.ts"

export interface Intake {
  readonly events: Array<Event>
  readonly submitted: Array<Pending>
  readonly refusals: Array<{ readonly peer: NodeId; readonly refusal: Refusal }>
  /** What concerns snapshots, in the order in which it came. */
  readonly snapshots: Array<Effect.Effect<void>>
  isTickDue: boolean
  isResendDue: boolean
}

export const sort = (shell: Shell, batch: ReadonlyArray<NodeEvent>): Intake => {
  const intake: Intake = {
    events: [],
    submitted: [],
    refusals: [],
    snapshots: [],
    isTickDue: false,
    isResendDue: false
  }
  for (const event of batch) {
    switch (event._tag) {
      case "Timed":
        intake.events.push(event.event)
        break
      case "Linked":
        sortLinked(shell, intake, event.event)
        break
      case "Submitted":
        if (shell.requests.isToSend(event.pending)) intake.submitted.push(event.pending)
        break
      case "TickDue":
        intake.isTickDue ||= event.term === shell.state.term
        break
      case "SweepDue":
        intake.isResendDue = true
        break
      case "Administered":
        shell.administered.set(event.asked.request, event.asked)
        break
      case "SnapshotFetched":
        Option.map(Fetching.fetched(shell, event.fetched), (event) => intake.events.push(event))
        break
      case "SnapshotAsked":
        intake.snapshots.push(Taking.takeFor(shell, event.settle))
        break
      case "ApplyDue":
        break
    }
  }
  return intake
}

const sortLinked = (shell: Shell, intake: Intake, event: TransportEvent): void => {
  const { peer } = event
  switch (event._tag) {
    case "Connected": {
      const { boots, hasEntries, storeId } = event.hello
      PeerMarks.note(shell.marks, storeId, { boots, matchIndex: LogIndex.make(0) })
      shell.hellos.set(peer, event.hello)
      shell.linked.add(peer)
      shell.versions.set(peer, event.version)
      shell.refusedBy.delete(peer)
      intake.isResendDue = true
      const joins = event.hello.joins ? event.hello.raft : null
      const takesOver = versionOf(event.version).knows(takeOver)
      intake.events.push(Event.PeerConnected({ peer, storeId, hasEntries, joins, takesOver }))
      break
    }
    case "Disconnected":
      shell.linked.delete(peer)
      intake.events.push(Event.PeerDisconnected({ peer }))
      intake.snapshots.push(Exchange.unlinked(shell, peer))
      Administration.unlinked(shell, peer)
      break
    case "Received":
      for (const message of event.messages) sortMessage(shell, intake, peer, message)
      break
    case "Refused":
      intake.refusals.push({ peer, refusal: event.refusal })
      break
  }
}

const takeOver: PeerMessage = { _tag: "Raft", message: { _tag: "TimeoutNow", term: Term.make(0) } }

const sortMessage = (shell: Shell, intake: Intake, from: NodeId, message: PeerMessage): void => {
  switch (message._tag) {
    case "Raft":
      // A snapshot comes as an offer, and the core hears of it when its bytes are here.
      if (message.message._tag === "AppendEntries") {
        shell.caughtUp.heard(message.message.term, message.message.leaderCommit, shell.lastApplied, shell.now())
      }
      if (message.message._tag !== "InstallSnapshot") {
        intake.events.push({ _tag: "Received", from, message: message.message })
      }
      break
    case "Propose":
      passOn(shell, intake, { ...message, from }, () => ({ command: commandOf(message) }))
      break
    case "Query":
      passOn(shell, intake, { ...message, from }, () => ({ query: Codec.query.decode(message.query) }))
      break
    case "Answer":
      Option.map(
        decoded(() => Codec.outcome.decode(message.answer)),
        (reply) => shell.requests.settle(message.request, reply)
      )
      break
    case "Refuse":
      shell.requests.refused(message.request, message.reason)
      break
    case "Admin":
      Asking.passOn(shell, from, message)
      break
    case "AdminAnswer":
      Administration.answered(shell, message.request, message.outcome)
      break
    case "Marks":
      for (const { storeId, ...mark } of message.marks) PeerMarks.note(shell.marks, storeId, mark)
      break
    case "SnapshotOffer":
    case "SnapshotWanted":
    case "SnapshotChunk":
    case "SnapshotEnded":
      intake.snapshots.push(Exchange.heed(shell, from, message))
      break
  }
}

/** A reply names the request of its command, so a command of another name could answer somebody else's. */
const commandOf = ({ command: bytes, request }: Extract<PeerMessage, { _tag: "Propose" }>): LockCommand => {
  const command = Codec.command.decode(bytes)
  if (command._tag === "Tick" || command.request !== request) throw new Error(`not the command of ${request}`)
  return command
}

interface Passed {
  readonly from: NodeId
  readonly request: string
  readonly term?: Term
  readonly traceparent?: string
}

/** A peer's caller asks: the answer goes back over the link. */
const passOn = (shell: Shell, intake: Intake, passed: Passed, decode: () => Ask): void => {
  const { from: origin, request, term, traceparent } = passed
  // A copy, and the first one is in this leader's log already: that one answers.
  if (shell.requests.get(request)?.origin === origin) return
  const ask = decoded(decode)
  if (Option.isNone(ask)) return
  const now = shell.now()
  const trace = shell.traces?.of(parentOf(traceparent))
  const pending: Pending = {
    request,
    ask: ask.value,
    origin,
    trace,
    meantFor: term,
    sinceMillis: now,
    untilMillis: foreignUntil(ask.value, now),
    settle: (outcome) => {
      if (trace !== undefined) shell.traces?.settled(trace, outcome)
      if ("reply" in outcome) post(shell, origin, answerOf(request, outcome.reply))
    },
    sentTo: null,
    sentAtMillis: now,
    copies: 0,
    queued: false
  }
  if (shell.requests.add(pending)) intake.submitted.push(pending)
  else post(shell, origin, { _tag: "Refuse", request, reason: "overloaded" })
}

/** Only a look at very many holders with long values can be longer than what a link carries. */
const answerOf = (request: string, reply: LockReply | LockAnswer): PeerMessage => {
  const answer = Codec.outcome.encode(reply)
  return answer.length > answerBytesMax
    ? { _tag: "Refuse", request, reason: "overloaded" }
    : { _tag: "Answer", request, answer }
}

const answerBytesMax = bodyBytesMax - 1024

/** A body that this node cannot read is dropped: its sender hears nothing and asks the next leader. */
const decoded = <A>(decode: () => A): Option.Option<A> => {
  try {
    return Option.some(decode())
  } catch {
    return Option.none()
  }
}
