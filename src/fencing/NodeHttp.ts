/**
 * A middleware for node:http, and for what is built on it (Express, Connect, Polka): requests that change something
 * need the token of the lock that protects it.
 */
import { Effect, Exit, Option, Scope } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { type LockTokenOptions, makeAdmission } from "./Admission.ts"
import { defect, lockTokenHeader, type Refusal } from "./LockToken.ts"

/**
 * Asks the lock service whether this is the token of a present holder.
 *
 * @example
 * ```ts
 * import type { CheckPromise } from "holdfast/fencing"
 * import { createClient } from "holdfast/promise"
 *
 * await using client = await createClient({ nodes: ["127.0.0.1:7081"] })
 * const check: CheckPromise = (lock, token) => client.check(lock, token)
 * console.log(await check("report", 1))
 * ```
 */
export type CheckPromise = (lock: string, token: number) => PromiseLike<boolean>

/**
 * Lets a request through with a token that is good, and answers any other: 428 without a token, 400 with something
 * that is none, 412 with one that is out of date, 503 if that cannot be known. Requests of one holder run side by
 * side; those of a new holder begin when those of the old one have been answered.
 *
 * @example
 * ```ts
 * import { requireLockToken } from "holdfast/fencing"
 * import { createServer } from "node:http"
 *
 * const needsToken = requireLockToken({ lock: ({ url }) => `report${url}` })
 * const server = createServer((request, response) =>
 *   needsToken(request, response, () => response.end("written by the present holder of the lock"))
 * )
 * server.listen(0, () => server.close())
 * ```
 */
export const requireLockToken = <Request extends IncomingMessage = IncomingMessage>(
  options: LockTokenOptions<Request, CheckPromise>
): (request: Request, response: ServerResponse, next: () => void) => void => {
  const { check } = options
  const admit = makeAdmission(
    options,
    check === undefined ? undefined : (lock, token) => Effect.tryPromise(() => check(lock, token)),
    look
  )
  return (request, response, next) => {
    const scope = Scope.makeUnsafe()
    const leave = () => Effect.runFork(Scope.close(scope, Exit.void))
    // An answer that is done and a client that has gone are the same end.
    response.once("close", leave)
    Effect.runCallback(Scope.provide(admit(request), scope), {
      onExit: (exit) => {
        // It may have gone before it came here, while something asynchronous looked at the request.
        if (response.destroyed || response.closed) return void leave()
        if (Exit.isSuccess(exit)) return next()
        answer(response, Option.getOrElse(Exit.findErrorOption(exit), () => defect))
      }
    })
  }
}

const look = ({ headers, method = "GET" }: IncomingMessage) => {
  const header = headers[lockTokenHeader.toLowerCase()]
  return { method, header: Array.isArray(header) ? header.join() : header }
}

const answer = (response: ServerResponse, { status, ...words }: Refusal) => {
  response.setHeader("content-type", "application/problem+json")
  if (status === 503) response.setHeader("retry-after", 1)
  response.statusCode = status
  response.end(JSON.stringify({ status, ...words }))
}
