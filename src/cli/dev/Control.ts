/**
 * What the nodes of `holdfast dev` may ask of it for their dashboards: which of them run, and to stop, freeze and start
 * one. It listens on this machine alone, and answers nobody without the token that it has given its nodes.
 */
import { Context, Effect, Exit, Scope } from "effect"
import { randomBytes, timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { DevControl } from "../../server/DevNode.ts"

export type Action = "stop" | "kill" | "freeze" | "resume" | "start"

/** `elsewhere` is one that runs and that somebody else has started. */
export type State = "running" | "frozen" | "stopped" | "elsewhere"

export interface Controlled {
  readonly state: () => ReadonlyArray<{ readonly nodeId: string; readonly state: State }>
  /** Fails with what is wrong with the request, in words. */
  readonly act: (nodeId: string, action: Action) => Effect.Effect<void, string>
}

const actions: ReadonlyArray<string> = ["stop", "kill", "freeze", "resume", "start"] satisfies ReadonlyArray<Action>

/** Listens until the scope closes. What is to be controlled is told once it is there. */
export const open = Effect.fnUntraced(function*() {
  const token = randomBytes(24).toString("base64url")
  const context = yield* Effect.context<never>()
  const scope = yield* Effect.scope
  let controlled: Controlled | null = null
  const server = createServer((request, response) => {
    if (!isOurs(request, token)) return answer(response, 403, { detail: "Only the nodes of this cluster may ask." })
    if (controlled === null) return answer(response, 503, { detail: "The nodes are not started yet." })
    const work = respond(controlled, request, response)
    Effect.runForkWith(context as Context.Context<never>)(Scope.provide(work, scope))
  })
  const port = yield* Effect.callback<number>((resume) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
    })
  })
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      server.closeAllConnections()
      server.close()
    })
  )
  const control: DevControl = { address: `127.0.0.1:${port}`, token }
  const begin = (what: Controlled): void => {
    controlled = what
  }
  return { control, begin }
})

const isOurs = ({ headers: { authorization = "" } }: IncomingMessage, token: string): boolean => {
  const [given, wanted] = [Buffer.from(authorization), Buffer.from(`Bearer ${token}`)]
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

const respond = Effect.fnUntraced(function*(
  { act, state }: Controlled,
  request: IncomingMessage,
  response: ServerResponse
) {
  if (request.url === "/state") return answer(response, 200, { nodes: state() })
  const { action, nodeId } = yield* Effect.promise(() => bodyOf(request))
  if (request.url !== "/nodes" || typeof nodeId !== "string" || !isAction(action)) {
    return answer(response, 400, { detail: `nodeId names a node, and action is one of ${actions.join(", ")}.` })
  }
  const exit = yield* Effect.exit(act(nodeId, action))
  if (Exit.isSuccess(exit)) return answer(response, 200, { done: true })
  return answer(response, 409, {
    detail: exit.cause.reasons.map((reason) => "error" in reason ? reason.error : reason._tag).join()
  })
})

const isAction = (action: unknown): action is Action => typeof action === "string" && actions.includes(action)

const bodyBytesMax = 4096

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  let text = ""
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk
    if (text.length > bodyBytesMax) return {}
  }
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === "object" && body !== null ? { ...body } : {}
  } catch {
    return {}
  }
}

const answer = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}
