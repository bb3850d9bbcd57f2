/**
 * The example of a row in PostgreSQL, against a real server and a real node: the lost update that happens without the
 * fence does not happen with it.
 */
import { assert, describe, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as RealNode from "../cli/support/RealNode.ts"
import { isInstalled, PostgreSqlServer } from "../fencing/support/PostgreSqlServer.ts"
import { runExample } from "./running.ts"

/** For processes that share a busy machine. */
const slow = 90_000

const all = Layer.mergeAll(PostgreSqlServer.layer, RealNode.layer)

describe.runIf(isInstalled)("The example of a row in PostgreSQL (needs postgresql)", () => {
  layer(all, { excludeTestServices: true, timeout: 60_000 })((it) => {
    it.effect("shows the lost update, and how the fence prevents it", () =>
      Effect.gen(function*() {
        const { host } = yield* PostgreSqlServer
        const { http } = yield* RealNode.RealNode
        const env = { PGHOST: host, PGUSER: "postgres", HOLDFAST_HTTP: `http://${http}` }
        const { code, stderr, stdout } = yield* runExample("postgresql-row.ts", env)
        assert.strictEqual(code, 0, stderr)
        assert.strictEqual(
          stdout.replaceAll(/token \d+/g, "token N"),
          `without the fence
  Ann has the lock, with token N, and reads 100
  Ben has the lock, with token N, and reads 100
  Ben writes 110
  Ann writes 110
  two payments of 10 into 100 make 110
with the fence
  Ann has the lock, with token N, and reads 100
  Ben has the lock, with token N, and reads 100
  Ben writes 110
  Ann is refused, because its token is out of date, and begins anew
  Ann has the lock, with token N, and reads 110
  Ann writes 120
  two payments of 10 into 100 make 120
`
        )
      }), slow)
  })
})
