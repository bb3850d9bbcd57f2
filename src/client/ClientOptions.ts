/**
 * What a client is made with, checked at once: addresses that are none, and durations that are none, never get as far
 * as a connection.
 */
import { type Duration, Effect, Layer, Option } from "effect"
import { parseAddress } from "../api/Address.ts"
import { InvalidRequest } from "../api/Problems.ts"
import { processLabel } from "./DefaultLabel.ts"
import { Client } from "./engine/Client.ts"
import { LeaseClock } from "./LeaseClock.ts"
import { isText, millisOf, ttlMillisDefault, wrong as wrongOption } from "./LockOptions.ts"
import type { ClientTransport } from "./transport/ClientTransport.ts"
import * as HttpTransport from "./transport/HttpTransport.ts"
import * as RpcTransport from "./transport/RpcTransport.ts"

/**
 * What a client is made with. `InvalidRequest` tells what is wrong in it, by its name.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { type ClientOptions, LockClient } from "holdfast"
 *
 * const options: ClientOptions = { nodes: ["127.0.0.1:7081"], ttl: "10 seconds", label: "worker-1" }
 *
 * const program = Effect.gen(function*() {
 *   yield* (yield* LockClient).withLock("report")(Effect.log("held by worker-1"))
 * })
 *
 * await Effect.runPromise(program.pipe(Effect.provide(LockClient.layerRpc(options))))
 * ```
 */
export interface ClientOptions {
  /**
   * Where nodes listen for client RPC, `host:port`, or, where only HTTP passes, the base URLs of their HTTP,
   * `http://host:port`. Some are enough: the others pass on what is the leader's.
   */
  readonly nodes: ReadonlyArray<string>
  /** How long a lock outlives a holder that has died, where an acquire does not say. Default: 15 seconds. */
  readonly ttl?: Duration.Input | undefined
  /**
   * Shown to others as the holder: at most 128 bytes of UTF-8. Default: user, host and process, such as
   * `ann@web1 pid 2271`; in `holdfast/testing` empty.
   */
  readonly label?: string | undefined
}

export type EngineOptions = Omit<ClientOptions, "nodes">

/** A client over whatever transport is there. */
export const engineOver = (
  { label = "", ttl }: EngineOptions
): Layer.Layer<Client, InvalidRequest, ClientTransport | LeaseClock> =>
  Layer.unwrap(Effect.gen(function*() {
    const ttlMillis = yield* millisOf("ttl", ttl, 1)
    if (!isText(label)) return yield* wrongOption("label")
    return Client.layer({ label, ttlMillis: ttlMillis ?? ttlMillisDefault })
  }))

/** A client of these nodes. */
export const engineOf = (options: ClientOptions): Layer.Layer<Client, InvalidRequest> =>
  engineOver({ ...options, label: options.label ?? processLabel() }).pipe(
    Layer.provide([Layer.unwrap(transportTo(options.nodes)), LeaseClock.layer])
  )

const transportTo = Effect.fnUntraced(function*(nodes: ReadonlyArray<string>) {
  const isList: unknown = Array.isArray(nodes) && nodes.length > 0 && nodes.every((node) => typeof node === "string")
  if (isList !== true) return yield* wrong("must be a list that names at least one node")
  const urls = nodes.filter((node) => /^https?:/i.test(node))
  if (urls.length === 0) return RpcTransport.layer(yield* Effect.forEach(nodes, addressOf))
  if (urls.length < nodes.length) return yield* wrong("must be all alike: addresses of client RPC, or URLs of HTTP")
  const broken = nodes.find((node) => !URL.canParse(node))
  return broken === undefined ? HttpTransport.layer(nodes) : yield* wrong(notLike(broken))
})

const addressOf = (node: string) =>
  Option.match(parseAddress(node), { onNone: () => wrong(notLike(node)), onSome: Effect.succeed })

const wrong = (what: string) => Effect.fail(new InvalidRequest({ field: "nodes", detail: `\`nodes\` ${what}.` }))

const notLike = (node: string) =>
  `must be like "127.0.0.1:7081" or "http://127.0.0.1:8081", and ${JSON.stringify(node)} is not`
