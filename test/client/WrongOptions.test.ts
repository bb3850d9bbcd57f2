/**
 * What no node can be asked, over client RPC and over HTTP: it is refused by its name, and does no harm to whatever
 * else the client does.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { createClient, InvalidRequest } from "../../src/promise.ts"
import * as RealNode from "../cli/support/RealNode.ts"

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

const long = "x".repeat(2_000_000)

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })("A client", (it) => {
  for (const transport of ["rpc", "http"] as const) {
    it.effect(`refuses over ${transport} what it cannot ask, and keeps its locks`, () =>
      Effect.flatMap(RealNode.RealNode, (node) =>
        Effect.promise(async () => {
          const nodes = [transport === "rpc" ? node.rpc : `http://${node.http}`]
          await using client = await createClient({ nodes, ttl: "1 second" })
          const name = `wrong/${transport}`
          await using lock = await client.acquire(name)
          const wrong: ReadonlyArray<readonly [field: string, asked: Promise<unknown>]> = [
            ["token", client.check(name, NaN)],
            ["token", client.check(name, 1.5)],
            ["token", client.check(name, -1)],
            ["token", client.check(name, 2 ** 60)],
            ["token", client.check(name, "7" as never)],
            ["ttl", client.acquire(name, { ttl: 1e300 })],
            ["maxHold", client.acquire(name, { maxHold: 1e300 })],
            ["lockDelay", client.acquire(name, { lockDelay: 1e300 })],
            ["value", client.acquire(name, { value: long })],
            ["owner", client.acquire(name, { owner: long })],
            ["name", client.acquire(long)],
            ["name", client.get(long)],
            ["name", client.check(long, 1)]
          ]
          const errors = await Promise.all(wrong.map(([, asked]) => asked.catch((error: unknown) => error)))
          const fields = errors.map((error) => error instanceof InvalidRequest ? error.field : error)
          assert.deepStrictEqual(fields, wrong.map(([field]) => field))
          await pause(1200)
          lock.assertHeld()
          assert.isTrue(await client.check(name, lock.token))
        })))
  }

  it.effect("is not made with a label that is none, or with a TTL without an end", () =>
    Effect.flatMap(RealNode.RealNode, ({ rpc }) =>
      Effect.promise(async () => {
        const wrong: ReadonlyArray<object> = [{ label: 5 }, { label: "\ud800" }, { label: long }, { ttl: 1e300 }]
        const made = wrong.map((options) => createClient({ nodes: [rpc], ...options }).catch((error: unknown) => error))
        const fields = (await Promise.all(made)).map((error) => error instanceof InvalidRequest && error.field)
        assert.deepStrictEqual(fields, ["label", "label", "label", "ttl"])
      })))
})
