/**
 * Answers what is no HTTP, or comes too slowly: Node's parser gives up on it, so it never becomes a request and no
 * route sees it. Raw bytes above 0x7e in a path are the likeliest cause.
 *
 * The connection ends with the answer. Nothing is written into the middle of another answer.
 */
import { Schema } from "effect"
import type { Duplex } from "node:stream"
import { InvalidRequest } from "../../api/Problems.ts"

/** What Node knows of the answer that is going out on a socket. It looks there itself when it answers such errors. */
interface Answering {
  readonly _httpMessage?: { readonly _headerSent: boolean } | null
}

export const refuse = ({ code = "" }: NodeJS.ErrnoException, socket: Duplex & Answering): void => {
  const answering = socket._httpMessage?._headerSent ?? false
  if (socket.writable && !answering) socket.write(answers[code] ?? notHttp)
  socket.destroy()
}

const answer = (status: string, head: ReadonlyArray<string>, body: string) =>
  [`HTTP/1.1 ${status}`, "Connection: close", ...head, `Content-Length: ${body.length}`, "", body].join("\r\n")

const problem = new InvalidRequest({
  field: "request",
  detail: "The request is no HTTP/1.1. In a path, bytes other than printable ASCII are percent-encoded."
})

const notHttp = answer(
  "400 Bad Request",
  ["Content-Type: application/problem+json"],
  JSON.stringify(Schema.encodeSync(InvalidRequest)(problem))
)

const answers: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: answer("431 Request Header Fields Too Large", [], ""),
  ERR_HTTP_REQUEST_TIMEOUT: answer("408 Request Timeout", [], "")
}
