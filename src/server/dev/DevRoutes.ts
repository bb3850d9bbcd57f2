/**
 * What the dashboard of `holdfast dev` can do to the cluster that it shows. A node that `holdfast dev` does not run has
 * none of these paths.
 *
 * Processes are the business of `holdfast dev`, which is asked; a link is cut at both of its ends, by the nodes.
 */
import { Effect, Layer, Schema } from "effect"
import {
  FetchHttpClient,
  HttpBody,
  HttpClient,
  HttpClientRequest,
  HttpRouter,
  HttpServerRequest,
  HttpServerRespondable,
  HttpServerResponse
} from "effect/http"
import { InvalidRequest } from "../../api/Problems.ts"
import { LinkCuts } from "../../node/transport/LinkCuts.ts"
import { NodeId } from "../../raft/Membership.ts"
import { ClusterStatus } from "../ClusterStatus.ts"
import { DevControl } from "./DevControl.ts"

export const routes = [
  { method: "GET", path: "/dev/state" },
  { method: "POST", path: "/dev/nodes" },
  { method: "POST", path: "/dev/links" },
  { method: "POST", path: "/dev/cut" }
] as const

const Link = Schema.Struct({ a: NodeId, b: NodeId, cut: Schema.Boolean })
const Cut = Schema.Struct({ peer: NodeId, cut: Schema.Boolean })

/** Of a page that is shown by another node: this one is told nothing new, and may be frozen. */
const answerMillisMax = 2000

/** A page of ours sends what is right; whoever else asks hears what would be. */
const bodyOf = <A>(schema: Schema.Codec<A, unknown>) =>
  Effect.mapError(
    HttpServerRequest.schemaBodyJson(schema),
    () => new InvalidRequest({ field: "body", detail: "`body` must be JSON that names nodes, and says `cut`." })
  )

const orRefused = <R>(answer: Effect.Effect<HttpServerResponse.HttpServerResponse, InvalidRequest, R>) =>
  answer.pipe(Effect.catch((problem) => HttpServerRespondable.toResponse(problem)))

const done = HttpServerResponse.jsonUnsafe({ done: true })

const failed = (detail: string) => HttpServerResponse.jsonUnsafe({ detail }, { status: 502 })

const makeRoutes = Effect.fnUntraced(function*({ address, token }: DevControl) {
  const client = yield* HttpClient.HttpClient
  const cuts = yield* LinkCuts
  const { status } = yield* ClusterStatus

  /** Hands the request to `holdfast dev` as it is, and its answer back. */
  const passOn = (path: string) =>
    Effect.gen(function*() {
      const { method, text } = yield* HttpServerRequest.HttpServerRequest
      const request = HttpClientRequest.make(method === "POST" ? "POST" : "GET")(`http://${address}${path}`, {
        headers: { authorization: `Bearer ${token}` },
        ...(method === "POST" ? { body: HttpBody.text(yield* text, "application/json") } : {})
      })
      const answer = yield* client.execute(request)
      return HttpServerResponse.text(yield* answer.text, { status: answer.status, contentType: "application/json" })
    }).pipe(
      Effect.timeout(answerMillisMax * 10),
      Effect.catch(() => Effect.succeed(failed("`holdfast dev` does not answer.")))
    )

  const cutAt = (end: NodeId, peer: NodeId, cut: boolean) =>
    Effect.gen(function*() {
      const { members, nodeId } = yield* status
      if (end === nodeId) return cuts.set(peer, cut)
      const http = members.find((member) => member.nodeId === end)?.http
      if (!http) return
      yield* client.execute(
        HttpClientRequest.bodyJsonUnsafe(HttpClientRequest.post(`http://${http}/dev/cut`), { peer, cut })
      )
    }).pipe(Effect.timeout(answerMillisMax), Effect.ignore)

  return Layer.mergeAll(
    HttpRouter.add("GET", "/dev/state", passOn("/state")),
    HttpRouter.add("POST", "/dev/nodes", passOn("/nodes")),
    HttpRouter.add(
      "POST",
      "/dev/links",
      orRefused(Effect.flatMap(bodyOf(Link), ({ a, b, cut }) =>
        // One end is enough to cut it. To heal it takes both; an end that is frozen now has to be told again.
        Effect.as(Effect.all([cutAt(a, b, cut), cutAt(b, a, cut)], { concurrency: 2 }), done)))
    ),
    HttpRouter.add(
      "POST",
      "/dev/cut",
      orRefused(Effect.map(bodyOf(Cut), ({ cut, peer }) => {
        cuts.set(peer, cut)
        return done
      }))
    )
  )
})

export const layer = Layer.unwrap(Effect.gen(function*() {
  const control = yield* DevControl
  return control === null ? Layer.empty : yield* makeRoutes(control)
})).pipe(Layer.provide(FetchHttpClient.layer))
