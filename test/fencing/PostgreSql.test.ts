/**
 * The SQL for PostgreSQL, in a real server.
 */
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { postgresqlFence } from "../../src/fencing/PostgreSql.ts"
import { until } from "../e2e/harness/Until.ts"
import { isInstalled, PostgreSqlServer } from "./support/PostgreSqlServer.ts"

describe.runIf(isInstalled)("The PostgreSQL function (needs postgresql)", () => {
  layer(PostgreSqlServer.layer, { excludeTestServices: true, timeout: 60_000 })((it) => {
    const sql = (statements: string) =>
      Effect.flatMap(PostgreSqlServer, (server) => server.sql(`SET client_min_messages = error;\n${statements}`))
    const done = (statements: string) =>
      Effect.map(sql(statements), ({ code, stderr, stdout }) => {
        assert.strictEqual(code, 0, stderr)
        return stdout.trim()
      })
    const installed = done(postgresqlFence)
    const fence = (resource: string, token: number) => `SELECT holdfast_fence('${resource}', ${token});`

    it.effect("is installed, again as well", () =>
      Effect.gen(function*() {
        yield* installed
        yield* done(fence("kept", 3))
        yield* installed
        assert.strictEqual(yield* done("SELECT token FROM holdfast_fences WHERE resource = 'kept'"), "3")
      }))

    it.effect("refuses a token below the highest, and the transaction with it", () =>
      Effect.gen(function*() {
        yield* installed
        yield* done("CREATE TABLE account (id int PRIMARY KEY, balance int); INSERT INTO account VALUES (1, 100);")
        yield* done(`BEGIN; ${fence("account-1", 34)} UPDATE account SET balance = 110; COMMIT;`)
        const late = yield* sql(`BEGIN; ${fence("account-1", 33)} UPDATE account SET balance = 90; COMMIT;`)
        assert.notStrictEqual(late.code, 0)
        assert.include(late.stderr, "HF001: token 33 of account-1 is out of date: 34 has been seen")
        yield* done(`BEGIN; ${fence("account-1", 34)} UPDATE account SET balance = balance + 5; COMMIT;`)
        assert.strictEqual(yield* done("SELECT balance FROM account"), "115")
      }))

    it.effect("makes a new holder wait for the transaction of the old one that it admitted", () =>
      Effect.gen(function*() {
        yield* installed
        yield* done("CREATE TABLE story (line text);")
        const old = yield* Effect.forkChild(
          done(`BEGIN; ${fence("story", 1)} SELECT pg_sleep(1); INSERT INTO story VALUES ('old'); COMMIT;`)
        )
        const sleeps = done("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
        yield* until("the old one is inside", Effect.map(sleeps, (count) => count === "1" ? true : null))
        yield* done(
          `BEGIN; ${fence("story", 2)} INSERT INTO story SELECT 'new, after ' || count(*) FROM story; COMMIT;`
        )
        yield* Fiber.join(old)
        assert.strictEqual(yield* done("SELECT line FROM story"), "old\nnew, after 1")
      }))

    it.effect("forgets a token of a transaction that was rolled back", () =>
      Effect.gen(function*() {
        yield* installed
        yield* done(`BEGIN; ${fence("rolled", 9)} ROLLBACK;`)
        assert.strictEqual((yield* sql(fence("rolled", 8))).code, 0)
      }))

    it.effect("needs a token, and knows the greatest", () =>
      Effect.gen(function*() {
        yield* installed
        const refusals = ["'a', NULL", "NULL, 1", "'a', 0", "'a', -1"]
        for (const args of refusals) assert.notStrictEqual((yield* sql(`SELECT holdfast_fence(${args})`)).code, 0, args)
        yield* done(fence("great", Number.MAX_SAFE_INTEGER))
        assert.include((yield* sql(fence("great", Number.MAX_SAFE_INTEGER - 1))).stderr, "HF001")
      }))

    it.effect("works from another schema than it was installed in", () =>
      Effect.gen(function*() {
        yield* installed
        yield* done(fence("elsewhere", 2))
        const { stderr } = yield* sql(
          "CREATE SCHEMA other; SET search_path = other; SELECT public.holdfast_fence('elsewhere', 1);"
        )
        assert.include(stderr, "HF001")
      }))
  })
})
