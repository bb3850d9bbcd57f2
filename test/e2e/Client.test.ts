/**
 * The client library against three real processes that are killed and frozen in between: its callers go on without an
 * error, one at a time, each with a greater token than the one before.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { type Client, createClient, Unavailable } from "../../src/promise.ts"
import { TestCluster } from "./harness/TestCluster.ts"

/** What the locks protect: it sees who is in it, and remembers each token it was shown. */
class Resource {
  inside = 0
  together = 0
  readonly tokens: Array<number> = []

  async use(token: number): Promise<void> {
    this.inside += 1
    this.together = Math.max(this.together, this.inside)
    this.tokens.push(token)
    await new Promise((resolve) => setTimeout(resolve, 2))
    this.inside -= 1
  }
}

/** Uses the resource in the lock, again and again, until it is told to stop. */
const work = async (client: Client, resource: Resource, isOver: () => boolean): Promise<void> => {
  if (isOver()) return undefined
  await client.withLock("resource", ({ token }) => resource.use(token))
  return work(client, resource, isOver)
}

const untilUsed = (resource: Resource, times: number) =>
  Effect.suspend(() => Effect.succeed(resource.tokens.length)).pipe(
    Effect.delay("20 millis"),
    Effect.repeat({ until: (used) => used >= times }),
    Effect.timeout("60 seconds"),
    Effect.orDie
  )

layer(TestCluster.layerWith(3, []), { excludeTestServices: true, timeout: 90_000 })("A client of three nodes", (it) => {
  it.effect("works on while the leader is killed, and the next one is frozen", () =>
    Effect.gen(function*() {
      const cluster = yield* TestCluster
      const { leader } = yield* cluster.healed
      const nodes = cluster.nodes.map(({ rpcPort }) => `127.0.0.1:${rpcPort}`)
      const urls = cluster.nodes.map(({ httpPort }) => `http://127.0.0.1:${httpPort}`)
      const clients = yield* Effect.promise(() =>
        Promise.all([nodes, nodes, urls].map((some) => createClient({ nodes: some, ttl: "30 seconds" })))
      )
      const resource = new Resource()
      let isOver = false
      const working = Promise.all(clients.map((client) => work(client, resource, () => isOver)))
      yield* untilUsed(resource, 20)
      yield* leader.kill("SIGKILL")
      yield* untilUsed(resource, resource.tokens.length + 20)
      const { leader: next } = yield* cluster.healed
      yield* next.kill("SIGSTOP")
      yield* untilUsed(resource, resource.tokens.length + 20)
      yield* next.kill("SIGCONT")
      isOver = true
      yield* Effect.promise(() => working)
      assert.strictEqual(resource.together, 1)
      assert.deepStrictEqual(resource.tokens, [...new Set(resource.tokens)].toSorted((one, other) => one - other))
      yield* Effect.promise(() => Promise.all(clients.map((client) => client.close())))
    }))

  it.effect("is told at its deadline that no node answers, and goes on when they are back", () =>
    Effect.gen(function*() {
      const cluster = yield* TestCluster
      yield* cluster.healed
      const nodes = cluster.nodes.map(({ rpcPort }) => `127.0.0.1:${rpcPort}`)
      const client = yield* Effect.promise(() => createClient({ nodes, ttl: "60 seconds" }))
      const lock = yield* Effect.promise(() => client.acquire("held"))
      yield* Effect.forEach(cluster.nodes, (node) => node.kill("SIGKILL"), { concurrency: "unbounded" })
      const refused = client.acquire("other", { wait: "1 second" }).catch((error: unknown) => error)
      assert.instanceOf(yield* Effect.promise(() => refused), Unavailable)
      yield* cluster.healed
      const other = yield* Effect.promise(() => client.acquire("other", { wait: "30 seconds" }))
      lock.assertHeld()
      assert.isAbove(other.token, lock.token)
      yield* Effect.promise(() => client.close())
    }))
})
