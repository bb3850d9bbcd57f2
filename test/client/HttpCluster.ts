/**
 * A cluster in one process as a client over HTTP sees it: the client's own transport, with a `fetch` that asks the
 * nodes themselves, hangs up as a connection does, and refuses as a test has it.
 */
import { Context, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import type { SessionId } from "../../src/api/Fields.ts"
import { NoLeader } from "../../src/api/Problems.ts"
import type { ClientOptions } from "../../src/client/ClientOptions.ts"
import { LeaseClock, MachineUptime } from "../../src/client/LeaseClock.ts"
import { LockClient } from "../../src/client/LockClient.ts"
import * as HttpTransport from "../../src/client/transport/HttpTransport.ts"
import { NodeId } from "../../src/raft/Membership.ts"
import type { makeCluster } from "../cluster/Cluster.ts"

type Cluster = Effect.Success<ReturnType<typeof makeCluster>>
type Locks = ReturnType<Cluster["at"]>["locks"]

export interface HttpFaults {
  /** Nodes that say of everything but a wait that they have no leader. */
  readonly leaderless: Set<NodeId>
  /** Nodes whose connections break, but for those of a wait. */
  readonly broken: Set<NodeId>
  /** Which node each wait went to, in order. */
  readonly waits: Array<NodeId>
  /** How many waits the client has hung up on. */
  hungUp: number
}

type Answer = Effect.Effect<unknown, unknown>

const sessionOf = (id: string) => Redacted.make(id) as SessionId

/** What one node makes of a request. */
const route = (locks: Locks, method: string, path: ReadonlyArray<string>, body: Record<string, unknown>): Answer => {
  const [, area, name = "", verb] = path
  switch (`${method} ${area} ${verb ?? ""}`) {
    case "GET undefined ":
      return Effect.succeed({ alive: true })
    case "GET status ":
      return Effect.succeed(statusOfNobody)
    case "POST sessions ":
      return Effect.map(locks.openSession(body as never), ({ session, ...rest }) => ({
        session: Redacted.value(session),
        ...rest
      }))
    case "POST sessions renew":
      return locks.renewSession(sessionOf(name))
    case "DELETE sessions ":
      return locks.endSession(sessionOf(name))
    case "POST locks acquire":
      return Effect.map(
        locks.acquire(name, { owner: "", ...body, session: sessionOf(String(body["session"])) } as never),
        (grant) => ({ ...grant, session: Redacted.value(grant.session) })
      )
    case "POST locks release":
      return Effect.as(
        locks.release(name, { ...body, session: sessionOf(String(body["session"])) } as never),
        { released: true }
      )
    default:
      return locks.get(name, "linearizable")
  }
}

/** Of a node that knows of no leader. */
export const statusOfNobody = {
  nodeId: "node1",
  state: "FOLLOWER",
  term: 1,
  leaderId: null,
  commitIndex: 0,
  lastApplied: 0,
  lastLogIndex: 0,
  members: [],
  uptimeMs: 0,
  version: ""
}

const responseOf = (status: number, body: unknown): Response =>
  new Response(status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { "content-type": status < 400 ? "application/json" : "application/problem+json" }
  })

/** An aborted request is interrupted at its node, as by a server whose client hangs up. */
const makeFetch =
  (cluster: Cluster, faults: HttpFaults, context: Context.Context<never>): typeof fetch => (input, init) => {
    const { hostname, pathname } = new URL(String(input))
    const id = NodeId.make(hostname)
    if (!cluster.isUp(id)) return Promise.reject(new TypeError("fetch failed"))
    const text = init?.body === undefined || init.body === null
      ? "{}"
      : new TextDecoder().decode(init.body as Uint8Array)
    const body = JSON.parse(text) as Record<string, unknown>
    const isWait = Number(body["waitMs"] ?? 0) > 0
    if (isWait) {
      faults.waits.push(id)
      init?.signal?.addEventListener("abort", () => void (faults.hungUp += 1))
    }
    const path = pathname.split("/").slice(1).map(decodeURIComponent)
    const method = init?.method ?? "GET"
    const isStatus = path[1] === "status"
    if (!isWait && !isStatus && faults.broken.has(id)) return Promise.reject(new TypeError("fetch failed"))
    const answer = !isWait && !isStatus && faults.leaderless.has(id)
      ? Effect.fail(new NoLeader({}))
      : route(cluster.at(id).locks, method, path, body)
    const response = Effect.match(answer, {
      onSuccess: (value) =>
        responseOf(value === undefined ? 204 : method === "POST" && path[2] === undefined ? 201 : 200, value),
      onFailure: (error) => responseOf((error as { readonly status: number }).status, { ...(error as object) })
    })
    return Effect.runPromiseWith(context)(response, init?.signal ? { signal: init.signal } : {})
  }

/** Clients over HTTP of a cluster that is there. */
export const makeHttpClients = Effect.fnUntraced(function*(cluster: Cluster) {
  const faults: HttpFaults = { leaderless: new Set(), broken: new Set(), waits: [], hungUp: 0 }
  const context = yield* Effect.context<never>()
  const fetch = makeFetch(cluster, faults, context)
  const transport = HttpTransport.layer(cluster.ids.map((id) => `http://${id}`))
  return {
    faults,
    client: Effect.fnUntraced(function*(options: Omit<ClientOptions, "nodes"> = {}) {
      const layer = LockClient.layer(options).pipe(
        Layer.provide([transport, LeaseClock.layer, Layer.succeed(FetchHttpClient.Fetch, fetch)]),
        Layer.provide(Layer.succeed(MachineUptime, () => 0))
      )
      return Context.get(yield* Layer.build(Layer.fresh(layer)), LockClient)
    })
  }
})
