/**
 * A Redis server with nothing in it, which keeps nothing.
 */
import { Context, Effect, Layer } from "effect"
import { join } from "node:path"
import { directory } from "../../cli/support/Directory.ts"
import { find, runProgram, serve } from "./Server.ts"

const programs = { server: find("redis-server") ?? "", cli: find("redis-cli") ?? "" }

export const isInstalled = Object.values(programs).every((path) => path !== "")

export class RedisServer extends Context.Service<RedisServer, {
  /** Runs one command, and says what it replied. */
  readonly command: (...args: ReadonlyArray<string>) => Effect.Effect<string>
}>()("test/fencing/RedisServer") {
  static readonly layer = Layer.effect(
    RedisServer,
    Effect.gen(function*() {
      const socket = join(yield* directory, "redis.sock")
      const command = (...args: ReadonlyArray<string>) =>
        Effect.map(runProgram(programs.cli, ["-s", socket, ...args]), ({ stdout }) => stdout.trim())
      const isUp = Effect.map(command("PING"), (reply) => reply === "PONG")
      yield* serve(programs.server, ["--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"], isUp)
      return RedisServer.of({ command })
    })
  )
}
