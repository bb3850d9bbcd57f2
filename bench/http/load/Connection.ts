/**
 * A connection of HTTP/1.1 that is kept, with one request at a time: the least that a client can do, so that what is
 * measured is the server. It reads what servers of this measurement write: a status, a length and a body.
 */
import { connect, type Socket } from "node:net"

export interface Answer {
  readonly status: number
  readonly body: string
}

export class Connection {
  readonly #socket: Socket
  #text = ""
  #answered: (answer: Answer) => void = () => {}

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding("latin1").on("data", (text: string) => this.#read(text))
    socket.on("error", (error) => {
      throw error
    })
  }

  post(path: string, body: string, answered: (answer: Answer) => void): void {
    this.#answered = answered
    const head = `POST ${path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n`
    this.#socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`, "latin1")
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(text: string): void {
    this.#text += text
    const headEnd = this.#text.indexOf("\r\n\r\n")
    if (headEnd < 0) return
    const head = this.#text.slice(0, headEnd)
    const [, length] = /content-length: (\d+)/i.exec(head) ?? []
    if (length === undefined) throw new Error(`an answer without a length: ${head}`)
    const end = headEnd + 4 + Number(length)
    if (this.#text.length < end) return
    const body = this.#text.slice(headEnd + 4, end)
    this.#text = this.#text.slice(end)
    this.#answered({ status: Number(head.slice(9, 12)), body })
  }
}

export const open = (port: number): Promise<Connection> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => resolve(new Connection(socket)))
    socket.once("error", reject)
  })
