/**
 * A PostgreSQL server with an empty database, without the syncs that a test does not need. It refuses to run as root,
 * so for root it runs as nobody.
 */
import { Context, Effect, Layer } from "effect"
import { chmodSync, chownSync } from "node:fs"
import { join } from "node:path"
import { directory } from "../../cli/support/Directory.ts"
import { type As, find, postgresqlPlaces, runProgram, type Said, serve } from "./Server.ts"

const programs = {
  initdb: find("initdb", postgresqlPlaces) ?? "",
  postgres: find("postgres", postgresqlPlaces) ?? "",
  psql: find("psql", postgresqlPlaces) ?? ""
}

export const isInstalled = Object.values(programs).every((path) => path !== "")

const nobody = { uid: 65_534, gid: 65_534 }
const as: As = process.getuid?.() === 0 ? nobody : {}

export class PostgreSqlServer extends Context.Service<PostgreSqlServer, {
  /** Where psql finds it. */
  readonly host: string
  /** Runs statements, and stops at the first that fails. The errors have their SQLSTATE. */
  readonly sql: (statements: string) => Effect.Effect<Said>
}>()("test/fencing/PostgreSqlServer") {
  static readonly layer = Layer.effect(
    PostgreSqlServer,
    Effect.gen(function*() {
      const host = yield* directory
      if (as.uid !== undefined) chownSync(host, nobody.uid, nobody.gid)
      chmodSync(host, 0o700)
      const data = join(host, "data")
      const { code, stderr } = yield* runProgram(
        programs.initdb,
        ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"],
        "",
        as
      )
      if (code !== 0) return yield* Effect.die(new Error(`initdb: ${stderr}`))
      const psql = ["-h", host, "-U", "postgres", "-X", "-A", "-t", "-q", "-v", "VERBOSITY=verbose"]
      const sql = (statements: string) =>
        runProgram(programs.psql, [...psql, "-v", "ON_ERROR_STOP=1", "-f", "-"], statements)
      const isUp = Effect.map(sql("SELECT 1"), ({ code }) => code === 0)
      const settings = ["listen_addresses=", "fsync=off", "shared_buffers=8MB", "max_connections=20"]
      yield* serve(
        programs.postgres,
        ["-D", data, "-k", host, ...settings.flatMap((setting) => ["-c", setting])],
        isUp,
        as
      )
      return PostgreSqlServer.of({ host, sql })
    })
  )
}
