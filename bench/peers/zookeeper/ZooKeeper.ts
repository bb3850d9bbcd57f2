/**
 * Three servers of ZooKeeper that sync each transaction, as they do unless told otherwise: under the lock recipe of
 * Apache Curator, and under the create and delete of an ephemeral node.
 */
import { Effect, Schema } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { freePorts } from "../../../test/e2e/harness/FreePorts.ts"
import { tempDir } from "../../../test/e2e/harness/TestCluster.ts"
import { conversation, daemon, type Peer, type System } from "../System.ts"

/** Debian's packages put them here, and each names those that it needs. */
const jars = ["zookeeper", "curator-recipes", "slf4j-nop"].map((name) => `/usr/share/java/${name}.jar`)

const Report = Schema.fromJsonString(
  Schema.Struct({ perSecond: Schema.Number, p50Ms: Schema.Number, p99Ms: Schema.Number, p999Ms: Schema.Number })
)

const settingsOf = (dataDir: string, client: number, quorum: ReadonlyArray<readonly [number, number]>) => [
  "tickTime=2000",
  "initLimit=10",
  "syncLimit=5",
  `dataDir=${dataDir}`,
  `clientPort=${client}`,
  "clientPortAddress=127.0.0.1",
  "admin.enableServer=false",
  "maxClientCnxns=0",
  ...quorum.map(([peer, election], at) => `server.${at + 1}=127.0.0.1:${peer}:${election}`)
]

const make = Effect.gen(function*() {
  const directory = yield* tempDir
  const ports = yield* freePorts(9)
  const places = [0, 1, 2].map((at) => ({
    client: ports[3 * at]!,
    quorum: [ports[3 * at + 1]!, ports[3 * at + 2]!] as const,
    dataDir: join(directory, `${at + 1}`)
  }))
  const pids: Array<number> = []
  for (const [at, { client, dataDir }] of places.entries()) {
    mkdirSync(dataDir)
    writeFileSync(join(dataDir, "myid"), `${at + 1}\n`)
    const config = join(directory, `${at + 1}.cfg`)
    writeFileSync(config, `${settingsOf(dataDir, client, places.map(({ quorum }) => quorum)).join("\n")}\n`)
    const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
    const { pid } = yield* daemon("java", ["-Dzookeeper.jmx.log4j.disable=true", "-cp", jars.join(":"), main, config])
    pids.push(pid)
  }
  const load = fileURLToPath(new URL("Load.java", import.meta.url))
  const ask = yield* conversation("java", [
    "-cp",
    jars.join(":"),
    load,
    places.map(({ client }) => `127.0.0.1:${client}`).join(",")
  ])
  const system = (kind: "recipe" | "node", name: string): System => ({
    name,
    pids,
    run: ({ hot, seconds, workers }) =>
      // Two that create the same node do not wait for each other: the second one fails.
      hot && kind === "node"
        ? Effect.succeed(null)
        : ask(`${kind} ${workers} ${seconds} ${hot ? "hot" : "own"}`).pipe(
          Effect.flatMap(Schema.decodeEffect(Report)),
          Effect.orDie
        )
  })
  return [system("recipe", "ZooKeeper, Curator's mutex"), system("node", "ZooKeeper, create and delete")]
})

export const ZooKeeper: Peer = {
  needs: ["java", "javac", ...jars],
  hint: "apt-get install zookeeper libcurator-recipes-java openjdk-17-jdk-headless",
  make
}
