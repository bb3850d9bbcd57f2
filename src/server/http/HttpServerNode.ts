/**
 * Node's HTTP server, set up to be left alone with strangers: slow heads and bodies, dead peers and floods of
 * connections each have their limit.
 *
 * An answer may take as long as its request asked for: nothing here limits that.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Context, Effect, Layer, Schedule } from "effect"
import { HttpServer } from "effect/http"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { cannotListen } from "../CannotListen.ts"
import { HttpConnections } from "./HttpConnections.ts"
import { refuse } from "./NotHttp.ts"

export interface Options {
  readonly host: string
  /** 0 takes a free one; `HttpServer` knows which. */
  readonly port: number
  /** More than these are closed as soon as they come. Default: 10,000. */
  readonly connectionsMax?: number | undefined
  /** How long a stop lets requests finish before it interrupts them. Default: 2,000. */
  readonly letGoMillisMax?: number | undefined
}

export const layer = (options: Options) =>
  Layer.effectContext(Effect.gen(function*() {
    const server = makeServer(options.connectionsMax ?? 10_000)
    // The last of a stop: whoever is still connected has had its answer, or will not wait for it.
    yield* Effect.addFinalizer(() => Effect.sync(() => server.closeAllConnections()))
    const http = yield* NodeHttpServer.make(() => server, { host: options.host, port: options.port }).pipe(
      Effect.mapError(({ cause }) => cannotListen("HTTP", options, cause))
    )
    const letGo = letConnectionsGo(server, options.letGoMillisMax ?? 2000)
    return Context.make(HttpServer.HttpServer, withoutUpgrades(http, server)).pipe(
      Context.add(HttpConnections, { letGo })
    )
  })).pipe(Layer.merge(NodeHttpServer.layerHttpServices))

// No route speaks anything but HTTP/1.1, and an offer to speak something else may be passed over (RFC 9110 §7.8): Node
// does so where nobody listens. Whoever listens has the bare connection, where no hang-up is seen before the answer.
const withoutUpgrades = ({ address, serve }: HttpServer.HttpServer["Service"], server: Server) =>
  HttpServer.make({
    address,
    serve: (app, middleware) =>
      Effect.tap(
        middleware === undefined ? serve(app) : serve(app, middleware),
        () => Effect.sync(() => server.removeAllListeners("upgrade"))
      )
  })

const makeServer = (connectionsMax: number): Server => {
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: 1000,
    // Longer than the idle timeouts of load balancers, which would otherwise send into a closing connection.
    keepAliveTimeout: 75_000,
    // A peer that vanished without a FIN is found by TCP's probes, also while its acquire waits.
    keepAlive: true,
    keepAliveInitialDelay: 10_000
  })
  server.maxConnections = connectionsMax
  const hear = makeHearHangUpsInLine()
  for (const event of ["request", "checkContinue"]) server.on(event, hear)
  server.on("clientError", refuse)
  return server
}

// Node 22 tells a response of its lost connection only if the response has the socket; Node 24 tells all of them. One
// that stands in line behind another (pipelining) would never hear of it, and its acquire would wait on for nobody.
const makeHearHangUpsInLine = () => {
  const lines = new WeakMap<Socket, Set<ServerResponse>>()
  const begin = (socket: Socket) => {
    const line = new Set<ServerResponse>()
    lines.set(socket, line)
    socket.once("close", () => line.forEach(hangUp))
    return line
  }
  return ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (response.socket !== null) return
    const line = lines.get(socket) ?? begin(socket)
    line.add(response)
    response.once("socket", () => line.delete(response))
  }
}

const hangUp = (response: ServerResponse) => {
  if (response.writableEnded) return
  response.destroy()
  response.emit("close")
}

const letConnectionsGo = (server: Server, millisMax: number) => {
  const closed = Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
  })
  // Node ends what is idle when it closes; a connection that is kept alive becomes idle when its last answer is out.
  const closeIdle = Effect.repeat(Effect.sync(() => server.closeIdleConnections()), Schedule.spaced("20 millis"))
  return Effect.raceFirst(closed, closeIdle).pipe(Effect.timeoutOption(millisMax), Effect.asVoid)
}
