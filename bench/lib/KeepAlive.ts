/**
 * HTTP as a busy client speaks it: one node, connections that are kept, any number of requests at a time.
 * A request that gets no answer fails and is not sent again here: whoever asks knows best what that means.
 */
import { Effect } from "effect"
import { Agent, type IncomingMessage, request as send } from "node:http"
import { NoAnswer, type Reply } from "../../test/e2e/harness/Http.ts"

export interface KeepAlive {
  readonly call: (method: string, path: string, body?: object) => Effect.Effect<Reply, NoAnswer>
}

/** Its connections are closed with the scope. */
export const make = (host: string, port: number, answerMillisMax = 15_000) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new Agent({ keepAlive: true, maxSockets: Infinity, scheduling: "lifo" })),
      (agent) => Effect.sync(() => agent.destroy())
    ),
    (agent): KeepAlive => ({
      call: (method, path, body) => call({ agent, host, port, method, path, timeout: answerMillisMax }, body)
    })
  )

interface Target {
  readonly agent: Agent
  readonly host: string
  readonly port: number
  readonly method: string
  readonly path: string
  readonly timeout: number
}

const call = (target: Target, body: object | undefined): Effect.Effect<Reply, NoAnswer> =>
  Effect.callback((resume) => {
    const fail = (error: Error) =>
      resume(Effect.fail(new NoAnswer({ message: `${target.method} ${target.path}: ${error.message}` })))
    const text = body === undefined ? "" : JSON.stringify(body)
    const headers = body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }
    const outgoing = send({ ...target, headers }, (response) => {
      response.on("error", fail)
      collect(response, (answer) => resume(Effect.succeed({ status: response.statusCode ?? 0, body: parse(answer) })))
    })
    outgoing.on("error", fail)
    outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${target.timeout} ms`)))
    outgoing.end(text)
    return Effect.sync(() => outgoing.destroy())
  })

const collect = (response: IncomingMessage, done: (text: string) => void) => {
  const chunks: Array<Buffer> = []
  response.on("data", (chunk: Buffer) => chunks.push(chunk))
  response.on("end", () => done(Buffer.concat(chunks).toString()))
}

const parse = (text: string): Reply["body"] => text === "" ? {} : JSON.parse(text)
