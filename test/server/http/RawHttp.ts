/**
 * HTTP/1.1 by hand: what a test says goes out byte for byte.
 * `fetch` would mend half of what these tests are about.
 */
import { Effect, Schedule } from "effect"
import { connect, type Socket } from "node:net"

export interface Request {
  readonly method?: string
  /** One character for each byte. */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Sends one request on a connection of its own, and reads what comes until the server closes it. */
export const send = (port: number, request: Request): Effect.Effect<Answer> =>
  Effect.map(exchange(port, encode({ ...request, headers: { connection: "close", ...request.headers } })), parse)

export const json = (answer: Answer): Record<string, unknown> => JSON.parse(answer.body)

/** A request with a JSON body; `body` may be text that is no JSON. */
export const post = (target: string, body: unknown, headers: Request["headers"] = {}): Request => ({
  method: "POST",
  target,
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body)
})

export const encode = ({ body = "", headers = {}, method = "GET", target }: Request): Buffer => {
  const bytes = Buffer.from(body)
  const length = bytes.length === 0 && method === "GET" ? {} : { "content-length": String(bytes.length) }
  const all = { host: "127.0.0.1", ...length, ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"), bytes])
}

/** Whatever the server sends until it ends the connection. */
export const exchange = (port: number, bytes: Uint8Array): Effect.Effect<string> =>
  Effect.callback((resume) => {
    let received = ""
    const socket = connect({ port, host: "127.0.0.1" }, () => void socket.write(bytes))
    socket.setEncoding("utf8").on("data", (chunk) => {
      received += chunk
    })
    // A server that refuses a body may reset what still comes, after its answer.
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(received)))
    return Effect.sync(() => socket.destroy())
  })

/** A connection to do with as one likes. It is destroyed with the scope. */
export const open = (port: number) =>
  Effect.acquireRelease(
    Effect.callback<Socket>((resume) => {
      const socket = connect({ port, host: "127.0.0.1" }, () => resume(Effect.succeed(socket)))
      socket.on("error", () => {})
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

export const parse = (text: string): Answer => {
  const endOfHead = text.indexOf("\r\n\r\n")
  const [first = "", ...lines] = text.slice(0, endOfHead).split("\r\n")
  const headers = lines.map((line) => {
    const colon = line.indexOf(":")
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return { status: Number(first.split(" ")[1]), headers: Object.fromEntries(headers), body: text.slice(endOfHead + 4) }
}

/** Until it is so; a test that waits for ever fails by its timeout. */
export const until = (isSo: () => boolean) =>
  Effect.sync(isSo).pipe(Effect.repeat({ until: (so) => so, schedule: Schedule.spaced("2 millis") }))
