/**
 * Redlock over three Redis that sync each write: SET NX on all of them, which counts when two have said yes, and a
 * script that deletes on all of them. It writes Redis's own protocol, and lets everything of one turn go as one write,
 * so that no client library is in its way. One hot lock is not asked of it: its waiters poll.
 */
import { Effect } from "effect"
import * as Net from "node:net"
import { freePorts } from "../../../test/e2e/harness/FreePorts.ts"
import { tempDir } from "../../../test/e2e/harness/TestCluster.ts"
import { distribution } from "../../lib/Distribution.ts"
import { type Asked, daemon, type Figures, type Peer, type System } from "../System.ts"

const free = "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) else return 0 end"

const written = (words: ReadonlyArray<string>): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`

/** One connection: commands go out once a turn, and answers, of a line each, come in their order. */
class Connection {
  readonly #socket: Net.Socket
  readonly #waiting: Array<(isYes: boolean) => void> = []
  #out = ""
  #in = ""

  constructor(socket: Net.Socket) {
    this.#socket = socket
    socket.setEncoding("latin1").on("data", (text: string) => this.#read(text))
  }

  send(words: ReadonlyArray<string>, answered: (isYes: boolean) => void): void {
    this.#waiting.push(answered)
    if (this.#out === "") setImmediate(() => this.#flush())
    this.#out += written(words)
  }

  #flush(): void {
    const out = this.#out
    this.#out = ""
    this.#socket.write(out)
  }

  #read(text: string): void {
    const lines = (this.#in + text).split("\r\n")
    this.#in = lines.pop() ?? ""
    for (const line of lines) this.#waiting.shift()?.(line === "+OK" || line === ":1")
  }
}

type Done = (isYes: boolean) => void

/** Tells when all three have answered, and whether two of them have said yes. */
const ofAll = (connections: ReadonlyArray<Connection>, words: ReadonlyArray<string>, done: Done): void => {
  let [answers, yes] = [0, 0]
  for (const connection of connections) {
    connection.send(words, (isYes) => {
      answers += 1
      if (isYes) yes += 1
      if (answers === connections.length) done(yes >= 2)
    })
  }
}

const cycles = (connections: ReadonlyArray<Connection>, { seconds, workers }: Asked, done: (of: Figures) => void) => {
  const from = performance.now() + 1000
  const until = from + seconds * 1000
  const millis: Array<number> = []
  let working = workers
  const work = (name: string): void => {
    const start = performance.now()
    ofAll(connections, ["SET", name, name, "NX", "PX", "15000"], (isHeld) => {
      const took = performance.now() - start
      if (!isHeld) throw new Error("nobody else has a lock of this name")
      ofAll(connections, ["EVAL", free, "1", name, name], () => {
        const now = performance.now()
        if (now >= from && now < until) millis.push(took)
        if (now < until) return work(name)
        working -= 1
        if (working > 0) return
        const { p50, p99, p999 } = distribution(millis)
        done({ perSecond: millis.length / seconds, p50Ms: p50, p99Ms: p99, p999Ms: p999 })
      })
    })
  }
  for (let worker = 0; worker < workers; worker++) work(`bench/${worker}`)
}

const connect = (port: number) =>
  Effect.acquireRelease(
    Effect.callback<Net.Socket>((resume) => {
      const socket = Net.connect({ port, host: "127.0.0.1", noDelay: true }, () => resume(Effect.succeed(socket)))
      socket.on("error", (error) => resume(Effect.die(error)))
    }),
    (socket) => Effect.sync(() => socket.destroy())
  )

const make = Effect.gen(function*() {
  const directory = yield* tempDir
  const ports = yield* freePorts(3)
  const pids: Array<number> = []
  for (const [at, port] of ports.entries()) {
    const settings = {
      port: `${port}`,
      bind: "127.0.0.1",
      dir: directory,
      appenddirname: `of-${at}`,
      appendonly: "yes",
      appendfsync: "always",
      save: ""
    }
    const given = Object.entries(settings).flatMap(([setting, value]) => [`--${setting}`, value])
    pids.push((yield* daemon("redis-server", given)).pid)
  }
  yield* Effect.sleep("1 second")
  const connections = (yield* Effect.forEach(ports, connect)).map((socket) => new Connection(socket))
  const system: System = {
    name: "Redlock over 3 Redis",
    pids,
    run: (asked) =>
      asked.hot
        ? Effect.succeed(null)
        : Effect.callback<Figures>((resume) => cycles(connections, asked, (of) => resume(Effect.succeed(of))))
  }
  return [system]
})

export const Redlock: Peer = { needs: ["redis-server"], hint: "apt-get install redis-server", make }
