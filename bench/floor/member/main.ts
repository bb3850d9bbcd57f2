/**
 * One of the three processes of the floor. A follower appends what it hears to its file, syncs and says how far it is.
 * A leader appends what it is asked within one turn as one batch, sends it to the followers first, syncs its own file,
 * and answers what a majority has. Nothing is checked or recovered: this is the least that the promise costs.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs"
import * as Net from "node:net"
import { distribution } from "../../lib/Distribution.ts"
import type { Asked, Figures } from "../Floor.ts"

const [, , role, path = "", ...ports] = process.argv

/** Of one operation, about as many as an acquire of Holdfast takes in its log. */
const operationBytes = 160

const file = openSync(path, "w")
process.on("exit", () => closeSync(file))
let written = 0

const persist = (bytes: Uint8Array): number => {
  written += writeSync(file, bytes, 0, bytes.length, written)
  fdatasyncSync(file)
  return written
}

const follow = (port: number): void => {
  const server = Net.createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy())
    socket.on("data", (bytes) => {
      const acknowledgement = Buffer.alloc(8)
      acknowledgement.writeDoubleBE(persist(bytes))
      socket.write(acknowledgement)
    })
  })
  server.listen(port, "127.0.0.1", () => process.send?.("ready"))
}

interface Batch {
  readonly end: number
  readonly answers: ReadonlyArray<() => void>
}

class Leader {
  readonly #followers: ReadonlyArray<Net.Socket>
  readonly #matched: Array<number>
  readonly #inFlight: Array<Batch> = []
  #waiting: Array<() => void> = []
  #sent = 0
  #synced = 0

  constructor(followers: ReadonlyArray<Net.Socket>) {
    this.#followers = followers
    this.#matched = followers.map(() => 0)
    for (const [at, follower] of followers.entries()) {
      follower.on("data", (bytes) => {
        this.#matched[at] = bytes.readDoubleBE(bytes.length - 8)
        this.#answer()
      })
    }
  }

  operate(answer: () => void): void {
    this.#waiting.push(answer)
    if (this.#waiting.length === 1) setImmediate(() => this.#turn())
  }

  #turn(): void {
    const answers = this.#waiting
    this.#waiting = []
    const bytes = Buffer.alloc(answers.length * operationBytes, 1)
    this.#sent += bytes.length
    this.#inFlight.push({ end: this.#sent, answers })
    for (const follower of this.#followers) follower.write(bytes)
    this.#synced = persist(bytes)
    this.#answer()
  }

  #answer(): void {
    const [, majority = 0] = [this.#synced, ...this.#matched].toSorted((a, b) => b - a)
    for (let first = this.#inFlight[0]; first && first.end <= majority; first = this.#inFlight[0]) {
      this.#inFlight.shift()
      for (const answer of first.answers) answer()
    }
  }
}

/** Each worker asks for the next operation as soon as it has the answer to the last. */
const load = (leader: Leader, { seconds, workers }: Asked, done: (figures: Figures) => void): void => {
  const start = performance.now()
  const end = start + seconds * 1000
  const millis: Array<number> = []
  let working = workers
  const work = (): void => {
    const from = performance.now()
    leader.operate(() => {
      const now = performance.now()
      millis.push(now - from)
      if (now < end) return work()
      working -= 1
      if (working > 0) return
      const { p50, p99, p999 } = distribution(millis)
      done({ operations: millis.length, seconds: (now - start) / 1000, p50, p99, p999 })
    })
  }
  for (let left = workers; left > 0; left--) work()
}

const connect = (port: string): Promise<Net.Socket> =>
  new Promise((resolve) => {
    const socket = Net.connect({ port: Number(port), host: "127.0.0.1", noDelay: true }, () => resolve(socket))
  })

if (role === "follower") follow(Number(ports[0]))
else {
  const leader = new Leader(await Promise.all(ports.map(connect)))
  process.on("message", (asked: Asked) => load(leader, asked, (figures) => process.send?.(figures)))
  process.send?.("ready")
}
