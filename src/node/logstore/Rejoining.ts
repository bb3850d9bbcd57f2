/**
 * `--rejoin`: what a node remembers is set aside, once, and the node comes back as a new member with the data of the
 * others.
 *
 * A flag that stays where a service manager starts the node must not do so again at each start: while the others do the
 * same, all of them would lose what they have. So the directory is marked, and a marked one is left as it is.
 */
import { Effect, FileSystem, Path, type PlatformError } from "effect"
import { fileFault } from "../config/FileFault.ts"
import { failure } from "./Failure.ts"
import { setAside } from "./SetAside.ts"

const words = "This node came back with --rejoin. While this file is here, --rejoin does nothing.\n"

/** Before anything else opens the data directory. */
export const setAsideOnce = Effect.fnUntraced(function*(dataDir: string) {
  const fs = yield* FileSystem.FileSystem
  const mark = (yield* Path.Path).join(dataDir, "rejoined")
  if (yield* attempt(dataDir, fs.exists(mark))) {
    return yield* Effect.logWarning(
      `--rejoin does nothing, for this node came back with it already: start it without. Its data is damaged again? ` +
        `Then delete ${mark} first`
    )
  }
  const aside = yield* setAside(dataDir)
  yield* attempt(dataDir, fs.writeFileString(mark, words))
  const found = aside === null
    ? `there was nothing to set aside in ${dataDir}, and this node joins as a new member`
    : `all that this node had is in ${aside} now, and it joins as a new member. Keep that until the cluster is well, ` +
      "and then delete it"
  yield* Effect.logWarning(`--rejoin: ${found}`)
})

const attempt = <A, R>(dataDir: string, done: Effect.Effect<A, PlatformError.PlatformError, R>) =>
  Effect.mapError(done, (error) => failure("not-writable", dataDir, fileFault(error), error))
