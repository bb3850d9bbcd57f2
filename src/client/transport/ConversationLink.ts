/**
 * One conversation with a node over TCP: batches go out as they are made, and outcomes are heard within the event that
 * brings them. It ends once, with a reason, and a node that says nothing although it is asked is one.
 */
import { Deferred, Effect, type Scope } from "effect"
import { createConnection, type Socket } from "node:net"
import type { HostAndPort } from "../../api/Address.ts"
import type * as Conversation from "../../api/rpc/Conversation.ts"
import { empty, framed, Frames } from "../../api/rpc/Frames.ts"
import * as Packed from "../../api/rpc/Packed.ts"
import { conversationPreamble, makeBehindPreamble, NotOurs } from "../../api/rpc/Wire.ts"
import { notInTime, whyUnreachable } from "../ClientErrors.ts"

export interface ConversationLink {
  /** Succeeds when the node can take another. Fails when it has ended, and says why. */
  readonly send: (groups: ReadonlyArray<Conversation.Group>) => Effect.Effect<void, string>
  /** Succeeds when the node has said its first word. */
  readonly begun: Effect.Effect<void, string>
  readonly ended: Effect.Effect<never, string>
}

/** A refusal may list many holders with long values. */
const frameBytesMax = 16 * 1024 * 1024

/** How often a node is asked whether it is there, which it has to answer by the next time. */
const askMillis = 5_000

interface State {
  readonly net: Socket
  readonly ended: Deferred.Deferred<never, string>
  isConnected: boolean
  /** Whether anything has come since the node was asked last. */
  isHeard: boolean
}

/** Ends with the scope. */
export const open = Effect.fnUntraced(function*(
  to: HostAndPort,
  hear: (outcomes: ReadonlyArray<Conversation.Outcome>) => void
): Effect.fn.Return<ConversationLink, never, Scope.Scope> {
  const net = yield* Effect.acquireRelease(
    Effect.sync(() => createConnection({ ...to, noDelay: true })),
    (net) => Effect.sync(() => net.destroy())
  )
  const state: State = { net, ended: Deferred.makeUnsafe(), isConnected: false, isHeard: true }
  const begun = Deferred.makeUnsafe<void, string>()
  const end = (why: string): void => {
    Deferred.doneUnsafe(state.ended, Effect.fail(why))
    Deferred.doneUnsafe(begun, Effect.fail(why))
    net.destroy()
  }
  listen(state, end, (outcomes) => {
    Deferred.doneUnsafe(begun, Effect.void)
    hear(outcomes)
  })
  yield* Effect.forkScoped(ask(state, end))
  return { send: (groups) => send(state, groups), begun: Deferred.await(begun), ended: Deferred.await(state.ended) }
})

type Hear = (outcomes: ReadonlyArray<Conversation.Outcome>) => void

const listen = (state: State, end: (why: string) => void, hear: Hear): void => {
  const { net } = state
  const behind = makeBehindPreamble()
  const frames = new Frames({ bytesMax: frameBytesMax })
  net.once("connect", () => {
    state.isConnected = true
    net.write(conversationPreamble)
  })
  net.on("data", (chunk: Uint8Array) => {
    state.isHeard = true
    try {
      for (const body of frames.push(behind(chunk))) if (body.length > 0) hear(Packed.outcomes.decode(body))
    } catch (error) {
      end(error instanceof NotOurs ? error.message : notOurs)
    }
  })
  net.on("error", (cause) => end(state.isConnected ? lost : whyUnreachable(cause)))
  net.on("end", () => end(lost))
  net.on("close", () => end(lost))
}

const lost = "ended the connection"

const notOurs = "speaks no client RPC of this release"

const send = ({ ended, net }: State, groups: ReadonlyArray<Conversation.Group>): Effect.Effect<void, string> =>
  Effect.suspend(() => {
    if (!net.writable) return Deferred.await(ended)
    return net.write(framed(Packed.batch.encode(groups))) ? Effect.void : drained(net, ended)
  })

const drained = (net: Socket, ended: Deferred.Deferred<never, string>): Effect.Effect<void, string> =>
  Effect.raceFirst(
    Effect.callback<void>((resume) => {
      const flows = () => resume(Effect.void)
      net.once("drain", flows)
      return Effect.sync(() => net.off("drain", flows))
    }),
    Deferred.await(ended)
  )

/** Keeps the node from taking this client for gone, and notices when the node is. */
const ask = (state: State, end: (why: string) => void): Effect.Effect<void> =>
  Effect.sleep(askMillis).pipe(
    Effect.andThen(Effect.sync(() => {
      if (!state.isConnected) return end(notInTime)
      if (!state.isHeard) return end("went silent")
      state.isHeard = false
      state.net.write(empty)
    })),
    Effect.forever
  )
