/**
 * The load of a measurement of HTTP, in a process of its own: connections that are kept, each with one request at a
 * time. Half of the requests acquire a lock and half give it back; of the echo all ask the same.
 */
import { distribution } from "../../lib/Distribution.ts"
import type { Asked, Figures } from "../Http.ts"
import { type Connection, open } from "./Connection.ts"

/** Not counted. */
const warmUpMillis = 1000

interface Run {
  readonly until: number
  /** Of every request, in milliseconds: when it was sent, and how long it took. */
  readonly done: (sentAt: number, status: number) => void
}

const asking = (connection: Connection, path: string, body: string, run: Run, next: (body: string) => void): void => {
  const sentAt = performance.now()
  connection.post(path, body, ({ body, status }) => {
    run.done(sentAt, status)
    next(body)
  })
}

const echo = (connection: Connection, run: Run, ended: () => void): void => {
  const body = JSON.stringify({ session: "A".repeat(22) })
  const cycle = () =>
    performance.now() < run.until ? asking(connection, "/v1/locks/bench/acquire", body, run, cycle) : ended()
  cycle()
}

const locks = (connection: Connection, name: string, run: Run, ended: () => void): void => {
  const path = `/v1/locks/${encodeURIComponent(name)}`
  connection.post("/v1/sessions", JSON.stringify({ ttlMs: 600_000, label: "bench" }), ({ body }) => {
    const { session } = JSON.parse(body)
    const cycle = (): void => {
      if (performance.now() >= run.until) return ended()
      asking(connection, `${path}/acquire`, JSON.stringify({ session }), run, (answer) => {
        const { token } = JSON.parse(answer)
        asking(connection, `${path}/release`, JSON.stringify({ session, token }), run, cycle)
      })
    }
    cycle()
  })
}

const load = async ({ connections, kind, ports, seconds }: Asked): Promise<Figures> => {
  const from = performance.now() + warmUpMillis
  const until = from + seconds * 1000
  const millis: Array<number> = []
  let errors = 0
  const done = (sentAt: number, status: number) => {
    const now = performance.now()
    if (sentAt < from || now >= until) return
    if (status === 200) millis.push(now - sentAt)
    else errors++
  }
  await Promise.all(Array.from({ length: connections }, async (_, at) => {
    const connection = await open(ports[at % ports.length]!)
    await new Promise<void>((resolve) =>
      kind === "echo"
        ? echo(connection, { until, done }, resolve)
        : locks(connection, `bench/${process.pid}/${at}`, { until, done }, resolve)
    )
    connection.close()
  }))
  const { p50, p99, p999 } = distribution(millis)
  return { perSecond: millis.length / seconds, p50Ms: p50, p99Ms: p99, p999Ms: p999, errors }
}

process.on("message", async (asked: Asked) => process.send?.(await load(asked)))
process.send?.("ready")
