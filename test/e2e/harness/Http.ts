/**
 * HTTP as a client of the nodes speaks it: a connection for each request, so that no request meets one
 * that a dead node has left behind. Interrupting a request closes its connection.
 */
import { Data, Effect } from "effect"
import { type IncomingMessage, request as send } from "node:http"

export interface Reply {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

/** The request got no answer. */
export class NoAnswer extends Data.TaggedError("NoAnswer")<{ readonly message: string }> {}

export const request = (method: string, url: string, body?: object): Effect.Effect<Reply, NoAnswer> =>
  Effect.callback((resume) => {
    const fail = (error: Error) => resume(Effect.fail(new NoAnswer({ message: `${method} ${url}: ${error.message}` })))
    const headers = body === undefined ? {} : { "content-type": "application/json" }
    const outgoing = send(url, { method, headers, agent: false }, (response) => {
      collect(response, (text) => resume(Effect.succeed({ status: response.statusCode ?? 0, body: parse(text) })))
      response.on("error", fail)
    })
    outgoing.on("error", fail)
    outgoing.end(body === undefined ? undefined : JSON.stringify(body))
    return Effect.sync(() => outgoing.destroy())
  })

const collect = (response: IncomingMessage, done: (text: string) => void) => {
  const chunks: Array<Buffer> = []
  response.on("data", (chunk: Buffer) => chunks.push(chunk))
  response.on("end", () => done(Buffer.concat(chunks).toString()))
}

const parse = (text: string): Reply["body"] => text === "" ? {} : JSON.parse(text)
