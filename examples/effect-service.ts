/**
 * A service of an Effect program whose method never runs twice at a time, in however many processes: `withLock` around
 * it. The effect is interrupted if the lock is lost, and it has the token for whatever it writes to.
 */
import { Console, Context, Effect, Layer } from "effect"
import { CurrentLock, LockClient } from "holdfast"

class Reports extends Context.Service<Reports, {
  readonly publish: (day: string) => Effect.Effect<void, PublishError>
}>()("example/Reports") {
  static readonly layer = Layer.effect(
    Reports,
    Effect.gen(function*() {
      const locks = yield* LockClient
      return Reports.of({
        publish: (day) => write(day).pipe(locks.withLock(`reports/${day}`, { wait: "30 seconds" }))
      })
    })
  )
}

/** Any error of the client or of the work names itself in `_tag`; `LockLost` says that the work was interrupted. */
type PublishError = Effect.Error<ReturnType<ReturnType<LockClient["Service"]["withLock"]>>>

const who = process.argv[2] ?? "somebody"

const write = Effect.fn("write")(function*(day: string) {
  const token = yield* (yield* CurrentLock).token
  yield* Console.log(`${who} begins ${day} with token ${token}`)
  yield* Effect.sleep("300 millis")
  yield* Console.log(`${who} has published ${day}`)
})

const nodes = (process.env["HOLDFAST_NODES"] ?? "127.0.0.1:7081,127.0.0.1:7082,127.0.0.1:7083").split(",")

const program = Effect.gen(function*() {
  const reports = yield* Reports
  yield* reports.publish("2026-01-31")
})

await Effect.runPromise(program.pipe(
  Effect.provide(Reports.layer),
  Effect.provide(LockClient.layerRpc({ nodes, label: who }))
))
