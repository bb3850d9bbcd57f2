/**
 * The conversations of clients with this node, one for each connection that opens one. Whenever the node knows of
 * another leader, all of them are told where it is.
 *
 * Outcomes are told in batches: what one batch of operations, or one turn of the node, has decided for a client goes to
 * it at once, as soon as all of it is decided.
 */
import { Context, Effect, FiberSet, Layer, type Scope } from "effect"
import { Limits } from "../../api/Limits.ts"
import * as Packed from "../../api/rpc/Packed.ts"
import { Tracing } from "../../node/tracing/Tracing.ts"
import { ClusterStatus } from "../ClusterStatus.ts"
import { Locks } from "../Locks.ts"
import { aroundPerform } from "../tracing/ServerSpans.ts"
import * as OperationCheck from "./OperationCheck.ts"
import { piecesOf } from "./Pieces.ts"
import { Talk } from "./Talk.ts"

export interface Listener {
  /** Hears packed outcomes, which are lent to it until it returns. */
  readonly tell: (outcomes: Uint8Array) => void
  /** The node stops: nothing more is told. */
  readonly ended: () => void
}

export class Conversations extends Context.Service<Conversations, {
  /** Goes on until the scope closes or the node stops. What it gives begins what is packed in a batch, or throws. */
  readonly open: (listener: Listener) => Effect.Effect<(batch: Uint8Array) => void, never, Scope.Scope>
  /** Ends them all, once what has been decided is told. */
  readonly end: Effect.Effect<void>
}>()("server/rpc/Conversations") {
  static readonly layer = Layer.effect(Conversations, Effect.suspend(() => make))
}

const make = Effect.gen(function*() {
  const locks = traced(yield* Locks, yield* Tracing)
  const limits = yield* Limits
  const check = OperationCheck.make(limits)
  const { waitMillisMax } = limits
  const talks = new Map<Talk, Listener>()
  const fork = yield* FiberSet.makeRuntime()
  const { onTold, tellAll } = makeTelling(talks)
  yield* Effect.acquireRelease(Effect.sync(() => locks.onTold(tellAll)), (stop) => Effect.sync(stop))
  const leader = yield* watchLeader(talks)

  const open = Effect.fnUntraced(function*(listener: Listener) {
    const talk: Talk = new Talk({ locks, check, waitMillisMax, fork, onTold: () => onTold(talk) })
    talks.set(talk, listener)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        talks.delete(talk)
        talk.forget()
      })
    )
    talk.tell({ _tag: "Leader", address: leader() })
    tellAll()
    return (batch: Uint8Array) => {
      talk.operate(Packed.batch.decode(batch))
      // What needs no decision is told already.
      tellAll()
    }
  })

  const end = Effect.sync(() => {
    tellAll()
    for (const { ended } of talks.values()) ended()
    talks.clear()
  })
  return Conversations.of({ open, end })
})

const traced = (locks: Locks["Service"], tracing: Tracing | null): Locks["Service"] =>
  tracing === null ? locks : { ...locks, perform: aroundPerform(tracing, locks.perform) }

/** Tells whatever has gathered: when it is asked to, or else soon. */
const makeTelling = (talks: ReadonlyMap<Talk, Listener>) => {
  const told = new Set<Talk>()
  const tellAll = () => {
    for (const talk of told) {
      const listener = talks.get(talk)
      for (const piece of piecesOf(talk.take())) listener?.tell(Packed.outcomes.encode(piece))
    }
    told.clear()
  }
  const onTold = (talk: Talk) => {
    if (told.size === 0) queueMicrotask(tellAll)
    told.add(talk)
  }
  return { onTold, tellAll }
}

/** One fiber looks for all of them. */
const watchLeader = Effect.fnUntraced(function*(talks: ReadonlyMap<Talk, unknown>) {
  const { status } = yield* ClusterStatus
  const leaderOf = Effect.map(
    status,
    ({ leaderId, members }) => members.find(({ nodeId }) => nodeId === leaderId)?.rpc ?? null
  )
  let address = yield* leaderOf
  const look = Effect.map(leaderOf, (now) => {
    if (now === address) return
    address = now
    for (const talk of talks.keys()) talk.tell({ _tag: "Leader", address })
  })
  yield* Effect.forkScoped(Effect.forever(Effect.delay(look, lookMillis)))
  return () => address
})

const lookMillis = 250
