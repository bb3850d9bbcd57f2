/**
 * The script for Redis, in a real Redis server.
 */
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { redisFence, redisStaleToken } from "../../src/fencing/Redis.ts"
import { isInstalled, RedisServer } from "./support/RedisServer.ts"

describe.runIf(isInstalled)("The Redis script (needs redis-server and redis-cli)", () => {
  layer(RedisServer.layer, { excludeTestServices: true })((it) => {
    /** Under a fence of its own for each resource. */
    const fenced = (resource: string, token: string, ...command: ReadonlyArray<string>) =>
      Effect.flatMap(
        RedisServer,
        (redis) => redis.command("EVAL", redisFence, "2", `{${resource}}:fence`, `{${resource}}`, token, ...command)
      )
    const read = (resource: string) => Effect.flatMap(RedisServer, (redis) => redis.command("GET", `{${resource}}`))

    it.effect("refuses a token below the highest, and its command does nothing", () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* fenced("a", "33", "SET", "{a}", "old"), "OK")
        assert.strictEqual(yield* fenced("a", "34", "SET", "{a}", "new"), "OK")
        const late = yield* fenced("a", "33", "SET", "{a}", "late")
        assert.strictEqual(late, `${redisStaleToken} token 33 is out of date: 34 has been seen`)
        assert.strictEqual(yield* read("a"), "new")
      }))

    it.effect("lets the same holder go on, and replies what the command replies", () =>
      Effect.gen(function*() {
        yield* fenced("b", "5", "SET", "{b}", "10")
        assert.strictEqual(yield* fenced("b", "5", "INCRBY", "{b}", "7"), "17")
        assert.match(yield* fenced("b", "5", "LPUSH", "{b}", "x"), /WRONGTYPE/)
      }))

    it.effect("can be asked before the work begins, without a command", () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* fenced("c", "2"), "OK")
        assert.match(yield* fenced("c", "1"), /^STALETOKEN/)
      }))

    it.effect("fences each resource for itself", () =>
      Effect.gen(function*() {
        yield* fenced("d", "9", "SET", "{d}", "1")
        assert.strictEqual(yield* fenced("e", "8", "SET", "{e}", "1"), "OK")
      }))

    it.effect("counts exactly up to the greatest token", () =>
      Effect.gen(function*() {
        const greatest = String(Number.MAX_SAFE_INTEGER)
        assert.strictEqual(yield* fenced("f", greatest), "OK")
        assert.include(yield* fenced("f", "9007199254740990"), `${greatest} has been seen`)
      }))

    it.effect("takes nothing else for a token", () =>
      Effect.gen(function*() {
        for (const token of ["", "x", "0", "-1", "1.5", "9007199254740992", "1e300", "nan", "inf"]) {
          assert.match(yield* fenced("g", token, "SET", "{g}", "1"), /^ERR the token must be/, token)
        }
        assert.strictEqual(yield* read("g"), "")
      }))
  })
})
