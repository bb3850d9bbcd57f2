/**
 * Three nodes of etcd at their defaults, which sync before they answer, from Go: under its own mutex, and under the
 * cheapest transaction that can be a lock.
 */
import { Effect, Schema } from "effect"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { freePorts } from "../../../test/e2e/harness/FreePorts.ts"
import { tempDir } from "../../../test/e2e/harness/TestCluster.ts"
import { daemon, output, type Peer, type System } from "../System.ts"

const Report = Schema.fromJsonString(
  Schema.Struct({ perSecond: Schema.Number, p50Ms: Schema.Number, p99Ms: Schema.Number, p999Ms: Schema.Number })
)

/** Debian's packages put the sources here. */
const go = (directory: string) => ({ GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: join(directory, "go") })

const make = Effect.gen(function*() {
  const directory = yield* tempDir
  const load = join(directory, "load")
  yield* output("go", ["build", "-o", load, fileURLToPath(new URL("load.go", import.meta.url))], go(directory))
  const ports = yield* freePorts(6)
  const nodes = [0, 1, 2].map((at) => ({
    name: `n${at}`,
    client: `http://127.0.0.1:${ports[2 * at]}`,
    peer: `http://127.0.0.1:${ports[2 * at + 1]}`
  }))
  const pids: Array<number> = []
  for (const { client, name, peer } of nodes) {
    const settings = {
      name,
      "data-dir": join(directory, name),
      "listen-client-urls": client,
      "advertise-client-urls": client,
      "listen-peer-urls": peer,
      "initial-advertise-peer-urls": peer,
      "initial-cluster": nodes.map(({ name, peer }) => `${name}=${peer}`).join(",")
    }
    const { pid } = yield* daemon("etcd", Object.entries(settings).map(([setting, value]) => `--${setting}=${value}`))
    pids.push(pid)
  }
  yield* Effect.sleep("3 seconds")
  const endpoints = nodes.map(({ client }) => client.slice("http://".length)).join(",")
  const flags = [`-endpoints=${endpoints}`]
  const system = (name: string, more: ReadonlyArray<string>): System => ({
    name,
    pids,
    run: ({ hot, seconds, workers }) =>
      // Whoever finds the key of a transaction taken would have to poll.
      hot && more.length > 0
        ? Effect.succeed(null)
        : output(load, [...flags, ...more, `-workers=${workers}`, `-seconds=${seconds}`, `-hot=${hot}`]).pipe(
          Effect.flatMap(Schema.decodeEffect(Report)),
          Effect.orDie
        )
  })
  return [system("etcd, concurrency.Mutex", []), system("etcd, a transaction", ["-txn"])]
})

export const Etcd: Peer = {
  needs: ["etcd", "go", "/usr/share/gocode/src/go.etcd.io/etcd/clientv3"],
  hint: "apt-get install etcd-server golang-go golang-etcd-server-dev",
  make
}
