/**
 * The client library against three real processes that are killed and frozen in between: its callers go on without an
 * error, one at a time, each with a greater token than the one before.
 */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { type Client, createClient, Unavailable } from "../../src/promise.ts"
import { holdfast } from "../cli/support/running.ts"
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

  it.effect("waits on for a script while the node that it asked is killed", () =>
    Effect.gen(function*() {
      const cluster = yield* TestCluster
      const { leader } = yield* cluster.healed
      const [first, ...others] = cluster.nodes.toSorted((one) => one === leader ? 1 : -1)
      const nodes = `--nodes=${[first!, ...others].map(({ rpcPort }) => `127.0.0.1:${rpcPort}`).join()}`
      const held = yield* holdfast("acquire", "scripted", "--ttl=1m", "--json", nodes)
      const { session, token } = JSON.parse(held.stdout)
      const waiting = yield* Effect.forkChild(holdfast("acquire", "scripted", "--wait=50s", "--ttl=1m", nodes))
      const seen = holdfast("explain", "scripted", "--json", nodes)
      yield* Effect.repeat(seen, { until: ({ stdout }) => JSON.parse(stdout).queueLength === 1 })
      yield* first!.kill("SIGKILL")
      yield* Effect.sleep("500 millis")
      const released = yield* holdfast("release", "scripted", `--session=${session}`, `--token=${token}`, nodes)
      assert.strictEqual(released.code, 0, released.stderr)
      const { code, stderr } = yield* Fiber.join(waiting)
      assert.strictEqual(code, 0, stderr)
    }))
})
