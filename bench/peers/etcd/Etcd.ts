/**
 * Three nodes of etcd at their defaults, which sync before they answer, under its own mutex from Go.
 */
import { Effect, Schema } from "effect"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { freePorts } from "../../../test/e2e/harness/FreePorts.ts"
import { tempDir } from "../../../test/e2e/harness/TestCluster.ts"
import { daemon, output, type System } from "../System.ts"

export const programs = ["etcd", "go"]

export const hint = "apt-get install etcd-server golang-go golang-etcd-server-dev"

const Report = Schema.fromJsonString(
  Schema.Struct({ perSecond: Schema.Number, p50Ms: Schema.Number, p99Ms: Schema.Number, p999Ms: Schema.Number })
)

/** Debian's packages put the sources here. */
const go = (directory: string) => ({ GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOCACHE: join(directory, "go") })

export const make = Effect.gen(function*() {
  const directory = yield* tempDir
  const load = join(directory, "load")
  yield* output("go", ["build", "-o", load, fileURLToPath(new URL("load.go", import.meta.url))], go(directory))
  const ports = yield* freePorts(6)
  const nodes = [0, 1, 2].map((at) => ({
    name: `n${at}`,
    client: `http://127.0.0.1:${ports[2 * at]}`,
    peer: `http://127.0.0.1:${ports[2 * at + 1]}`
  }))
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
    yield* daemon("etcd", Object.entries(settings).map(([setting, value]) => `--${setting}=${value}`))
  }
  yield* Effect.sleep("3 seconds")
  const endpoints = nodes.map(({ client }) => client.slice("http://".length)).join(",")
  return {
    name: "etcd, concurrency.Mutex",
    run: ({ hot, seconds, workers }) =>
      output(load, [`-endpoints=${endpoints}`, `-workers=${workers}`, `-seconds=${seconds}`, `-hot=${hot}`]).pipe(
        Effect.flatMap(Schema.decodeEffect(Report)),
        Effect.orDie
      )
  } satisfies System as System
})
