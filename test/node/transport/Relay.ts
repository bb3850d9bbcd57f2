/**
 * Stands between two nodes on real sockets and can break what is between them: cut it, or let
 * nothing through while both ends see a connection that lives.
 */
import { Effect, type Scope } from "effect"
import * as Net from "node:net"

export interface Relay {
  readonly port: number
  /** Where it leads to. A relay that leads nowhere closes what is dialed. */
  target: number | null
  /** Into pieces of how many bytes it cuts what it forwards. */
  pieceBytes: number
  /** Breaks all connections, and every new one until it is mended. */
  readonly cut: () => void
  /** Lets nothing through, from or to the one who dials. */
  readonly hold: (direction: "onward" | "back") => void
  readonly mend: () => void
}

interface Pair {
  readonly dialer: Net.Socket
  readonly target: Net.Socket
}

interface State {
  readonly pairs: Set<Pair>
  isCut: boolean
  readonly held: Set<"onward" | "back">
}

export const makeRelay: Effect.Effect<Relay, never, Scope.Scope> = Effect.gen(function*() {
  const state: State = { pairs: new Set(), isCut: false, held: new Set() }
  const server = yield* listening((dialer) => accept(state, relay, dialer))
  const relay: Relay = {
    port: (server.address() as Net.AddressInfo).port,
    target: null,
    pieceBytes: Infinity,
    cut: () => {
      state.isCut = true
      for (const pair of state.pairs) destroy(state, pair)
    },
    hold: (direction) => {
      state.held.add(direction)
      for (const pair of state.pairs) settle(state, pair)
    },
    mend: () => {
      state.isCut = false
      state.held.clear()
      for (const pair of state.pairs) settle(state, pair)
    }
  }
  yield* Effect.addFinalizer(() => Effect.sync(() => relay.cut()))
  return relay
})

/** A server on a free port of this machine, until the scope closes. */
export const listening = (accept: (socket: Net.Socket) => void): Effect.Effect<Net.Server, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Net.Server>((resume) => {
      const server = Net.createServer({ noDelay: true, pauseOnConnect: true }, accept)
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close())
  )

const accept = (state: State, relay: Relay, dialer: Net.Socket): void => {
  const { target: port } = relay
  if (state.isCut || port === null) {
    dialer.on("error", () => {})
    dialer.destroy()
    return
  }
  const pair = { dialer, target: Net.connect({ port, host: "127.0.0.1", noDelay: true }) }
  state.pairs.add(pair)
  forward(state, relay, pair, dialer, pair.target)
  forward(state, relay, pair, pair.target, dialer)
  settle(state, pair)
}

const forward = (state: State, { pieceBytes }: Relay, pair: Pair, from: Net.Socket, to: Net.Socket): void => {
  from.on("data", (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += pieceBytes) to.write(bytes.subarray(at, at + pieceBytes))
    if (to.writableNeedDrain) from.pause()
  })
  to.on("drain", () => settle(state, pair))
  from.on("error", () => {})
  from.on("close", () => settle(state, pair))
}

const settle = (state: State, pair: Pair): void => {
  const { dialer, target } = pair
  // An end is held like everything else.
  const isOver = (dialer.destroyed && !state.held.has("onward")) || (target.destroyed && !state.held.has("back"))
  if (isOver) return finish(state, pair)
  flow(dialer, !state.held.has("onward") && !target.writableNeedDrain)
  flow(target, !state.held.has("back") && !dialer.writableNeedDrain)
}

const flow = (socket: Net.Socket, isOpen: boolean): void => {
  if (isOpen) socket.resume()
  else socket.pause()
}

const finish = (state: State, { dialer, target }: Pair): void => {
  for (const socket of [dialer, target]) socket.destroySoon()
  for (const pair of state.pairs) if (pair.dialer === dialer) state.pairs.delete(pair)
}

const destroy = (state: State, pair: Pair): void => {
  state.pairs.delete(pair)
  pair.dialer.resetAndDestroy()
  pair.target.resetAndDestroy()
}
