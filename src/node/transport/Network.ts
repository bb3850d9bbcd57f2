/**
 * A network in memory for the nodes of one process, with the verbs of turmoil to make life hard for
 * them. It moves by Effect's clock and by nothing else, so that it is as deterministic as its users.
 * Like TCP it neither loses nor reorders bytes of a connection that lives; a fault in one direction
 * only is therefore a silence, which ends the connection as soon as somebody misses the other.
 */
import { Clock, Context, Duration, Effect, Layer } from "effect"
import type { NodeId } from "../../raft/Membership.ts"
import { TransportError } from "../Transport.ts"
import { ConnectionEnded } from "./ConnectionEnded.ts"
import { makePipe, type Pipe, type Way } from "./Pipe.ts"
import type { Medium, Opening, Wire } from "./Wire.ts"

export interface PartitionOptions {
  /** Connections look alive until their ends miss each other. Without it they break at once. */
  readonly silent?: boolean
}

export interface CrashOptions {
  /** What it has said and what is still on its way goes with it, as what its kernel had not sent. */
  readonly loses?: boolean
}

export class Network extends Context.Service<Network, {
  /** Cuts two nodes off from each other. */
  readonly partition: (a: NodeId, b: NodeId, options?: PartitionOptions) => Effect.Effect<void>
  /** Cuts a node off from all the others that are there. */
  readonly isolate: (node: NodeId, options?: PartitionOptions) => Effect.Effect<void>
  /** Undoes a partition, holds and delays between two nodes. */
  readonly repair: (a: NodeId, b: NodeId) => Effect.Effect<void>
  /** Keeps what one node says to another in the air. */
  readonly hold: (from: NodeId, to: NodeId) => Effect.Effect<void>
  /** Lets what was held go on its way, in order. */
  readonly release: (from: NodeId, to: NodeId) => Effect.Effect<void>
  /** Lets whatever two nodes say from now on take its time. */
  readonly delay: (a: NodeId, b: NodeId, time: Duration.Input) => Effect.Effect<void>
  /** Ends a node as a power cut does: its peers notice at once, itself nothing. It is back when it listens again. */
  readonly crash: (node: NodeId, options?: CrashOptions) => Effect.Effect<void>
  /** The network as one node uses it. */
  readonly medium: (self: NodeId) => Medium
}>()("node/transport/Network") {
  /** One network, in which everything works. */
  static readonly layer: Layer.Layer<Network> = Layer.effect(Network, Effect.suspend(() => make))
}

interface State {
  readonly clock: Clock.Clock
  readonly listeners: Map<NodeId, (opening: Opening) => void>
  readonly ways: Map<string, Way>
  /** Pairs between which no connection is possible. */
  readonly broken: Set<string>
  readonly lines: Set<Line>
}

/** A connection that stands. */
interface Line {
  readonly dialer: NodeId
  readonly acceptor: NodeId
  readonly there: Pipe
  readonly back: Pipe
  /** How many of its ends have not let go of it. */
  ends: number
}

const make = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const state: State = { clock, listeners: new Map(), ways: new Map(), broken: new Set(), lines: new Set() }
  const partition = (a: NodeId, b: NodeId, options: PartitionOptions = {}) =>
    options.silent === true ? change(state, a, b, { held: true }) : breakAll(state, a, b)
  return Network.of({
    partition: (a, b, options) => Effect.sync(() => partition(a, b, options)),
    isolate: (node, options) =>
      Effect.sync(() => {
        for (const other of state.listeners.keys()) if (other !== node) partition(node, other, options)
      }),
    repair: (a, b) =>
      Effect.sync(() => {
        state.broken.delete(pairOf(a, b))
        change(state, a, b, { held: false, delayMillis: 0 })
      }),
    hold: (from, to) => Effect.sync(() => changeWay(state, from, to, { held: true })),
    release: (from, to) => Effect.sync(() => changeWay(state, from, to, { held: false })),
    delay: (a, b, time) => Effect.sync(() => change(state, a, b, { delayMillis: Duration.toMillis(time) })),
    crash: (node, options) => Effect.sync(() => crash(state, node, options)),
    medium: (self) => ({ dial: (peer) => dial(state, self, peer), listen: (accept) => listen(state, self, accept) })
  })
})

const listen = (state: State, self: NodeId, accept: (opening: Opening) => void) =>
  Effect.acquireRelease(
    Effect.suspend(() => {
      if (state.listeners.has(self)) return Effect.fail(new TransportError({ message: `${self} is on the network` }))
      state.listeners.set(self, accept)
      return Effect.void
    }),
    () =>
      Effect.sync(() => {
        if (state.listeners.get(self) === accept) state.listeners.delete(self)
      })
  )

const dial = Effect.fnUntraced(function*(state: State, self: NodeId, peer: NodeId) {
  const [there, back] = waysOf(state, self, peer)
  // Nobody answers through a cable that is pulled, and nobody answers the dead. The dialer has a clock.
  if (there.held || back.held || !state.listeners.has(self)) return yield* Effect.never
  if (there.delayMillis + back.delayMillis > 0) yield* Effect.sleep(there.delayMillis + back.delayMillis)
  const accept = state.listeners.get(peer)
  if (accept === undefined || state.broken.has(pairOf(self, peer))) {
    return yield* new ConnectionEnded({ reason: "unreachable" })
  }
  const [out, home] = [makePipe(there, state.clock), makePipe(back, state.clock)]
  const line: Line = { dialer: self, acceptor: peer, there: out, back: home, ends: 2 }
  state.lines.add(line)
  accept(endOf(state, line, self, out, home))
  return yield* endOf(state, line, peer, home, out)
})

/** One end of a line: what comes in, and what goes out to `remote`. */
const endOf = (state: State, line: Line, remote: NodeId, incoming: Pipe, outgoing: Pipe): Opening => {
  const wire: Wire = {
    remote,
    pull: incoming.pull,
    write: outgoing.push,
    backlogBytes: outgoing.backlogBytes,
    isCongested: () => outgoing.backlogBytes() > 0,
    drained: outgoing.drained,
    destroy: () => {
      outgoing.finish()
      incoming.reset()
    }
  }
  const letGo = Effect.sync(() => {
    wire.destroy()
    line.ends -= 1
    if (line.ends === 0) state.lines.delete(line)
  })
  return Effect.acquireRelease(Effect.succeed(wire), () => letGo)
}

const breakAll = (state: State, a: NodeId, b: NodeId): void => {
  state.broken.add(pairOf(a, b))
  for (const line of state.lines) {
    if (pairOf(line.dialer, line.acceptor) !== pairOf(a, b)) continue
    line.there.reset()
    line.back.reset()
    state.lines.delete(line)
  }
}

const crash = (state: State, node: NodeId, { loses = false }: CrashOptions = {}): void => {
  state.listeners.delete(node)
  for (const { acceptor, back, dialer, there } of state.lines) {
    if (dialer !== node && acceptor !== node) continue
    const [incoming, outgoing] = dialer === node ? [back, there] : [there, back]
    incoming.freeze()
    if (loses) outgoing.reset()
    else outgoing.finish()
  }
}

const change = (state: State, a: NodeId, b: NodeId, news: Partial<Way>): void => {
  changeWay(state, a, b, news)
  changeWay(state, b, a, news)
}

const changeWay = (state: State, from: NodeId, to: NodeId, news: Partial<Way>): void => {
  Object.assign(wayOf(state, from, to), news)
  for (const { acceptor, back, dialer, there } of state.lines) {
    if (dialer === from && acceptor === to) there.look()
    if (dialer === to && acceptor === from) back.look()
  }
}

const waysOf = (state: State, self: NodeId, peer: NodeId) =>
  [wayOf(state, self, peer), wayOf(state, peer, self)] as const

const wayOf = ({ ways }: State, from: NodeId, to: NodeId): Way => {
  const key = `${from} > ${to}`
  const known = ways.get(key)
  if (known !== undefined) return known
  const way: Way = { held: false, delayMillis: 0 }
  ways.set(key, way)
  return way
}

const pairOf = (a: NodeId, b: NodeId): string => a < b ? `${a} ${b}` : `${b} ${a}`
