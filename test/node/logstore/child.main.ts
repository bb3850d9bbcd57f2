/**
 * A process of its own with a log, for tests that kill it or take its disk away. It tells what it does, line by line.
 *
 * `child.main.ts DIR hold` opens the log and keeps it; `write` writes until it is killed, and tells of each entry when
 * it is acknowledged; `fill` writes until that fails, removes `DIR.ballast` to make room, tries once more, and opens
 * the log again.
 */
import { Effect } from "effect"
import { rmSync, writeSync } from "node:fs"
import type { LogStore, LogStoreError } from "../../../src/node/LogStore.ts"
import { NodeId } from "../../../src/raft/Membership.ts"
import { openSqlite } from "./Directory.ts"
import { commandOf, hardStateOf } from "./Entries.ts"

export type Said =
  | { readonly opened: number }
  | { readonly acknowledged: number }
  | { readonly failed: string }

const say = (said: Said) => writeSync(1, `${JSON.stringify(said)}\n`)

const sayFailed = ({ reason }: LogStoreError) => Effect.sync(() => say({ failed: reason }))

const [, , dataDir = "", mode] = process.argv

const open = Effect.tap(
  openSqlite(dataDir, NodeId.make("n1")),
  ({ recovered }) => Effect.sync(() => say({ opened: recovered.entries.length }))
)

const writeNext = (store: LogStore["Service"], index: number, bytes: number) =>
  store.write({ hardState: hardStateOf(1, null), entries: [commandOf(index, new Uint8Array(bytes).fill(index))] }).pipe(
    Effect.andThen(Effect.sync(() => say({ acknowledged: index })))
  )

const writeUntilItFails = Effect.fnUntraced(function*(store: LogStore["Service"], bytes: number) {
  let index = store.recovered.entries.length
  const failure = yield* Effect.flip(Effect.forever(Effect.suspend(() => writeNext(store, ++index, bytes))))
  say({ failed: failure.reason })
  return index
})

const fill = Effect.fnUntraced(function*(store: LogStore["Service"]) {
  const index = yield* writeUntilItFails(store, 50_000)
  rmSync(`${dataDir}.ballast`, { force: true })
  yield* Effect.catchTag(writeNext(store, index, 50_000), "LogStoreError", sayFailed)
})

/** Until whoever started this process is gone. */
const untilAlone = Effect.callback<void>((resume) => {
  process.stdin.on("end", () => resume(Effect.void)).resume()
})

const run = Effect.gen(function*() {
  if (mode === "hold") return yield* Effect.andThen(open, untilAlone)
  if (mode === "write") return yield* Effect.flatMap(open, (store) => writeUntilItFails(store, 300))
  yield* Effect.scoped(Effect.flatMap(open, fill))
  return yield* open
})

await Effect.runPromise(Effect.scoped(Effect.catchTag(run, "LogStoreError", sayFailed)))
