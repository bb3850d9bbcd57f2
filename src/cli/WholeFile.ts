/**
 * Writes a file that is there whole and durable, or not at all: beside its place first, and then put there. What is
 * there already is never replaced.
 */
import { Effect, FileSystem, Path, type PlatformError, Stream } from "effect"
import { fileFault } from "../node/config/FileFault.ts"
import { CannotWrite } from "./CannotWrite.ts"

/** Succeeds with what `check` finds in the file, before it is in its place. */
export const writeWhole = Effect.fnUntraced(function*<E, R, A, E2>(
  path: string,
  pieces: Stream.Stream<Uint8Array, E, R>,
  check: (written: string) => Effect.Effect<A, E2>
) {
  const fs = yield* FileSystem.FileSystem
  const directory = (yield* Path.Path).dirname(path)
  const partial = `${path}.part`
  const write = Effect.gen(function*() {
    const file = yield* orCannot(path, fs.open(partial, { flag: "w", mode: privateMode }))
    yield* Stream.runForEach(pieces, (piece) => orCannot(path, file.writeAll(piece)))
    yield* orCannot(path, file.sync)
  }).pipe(Effect.scoped)
  yield* refuseExisting(path)
  const found = yield* Effect.onError(Effect.andThen(write, check(partial)), () => Effect.ignore(fs.remove(partial)))
  yield* orCannot(path, fs.rename(partial, path))
  yield* orCannot(path, Effect.scoped(Effect.flatMap(fs.open(directory), ({ sync }) => sync)))
  return found
})

/** A backup shows who holds what. */
const privateMode = 0o600

const refuseExisting = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  if (yield* orCannot(path, fs.exists(path))) {
    return yield* new CannotWrite({ message: `${path} is there already; choose another name, or move it away` })
  }
})

const orCannot = <A, R>(path: string, done: Effect.Effect<A, PlatformError.PlatformError, R>) =>
  Effect.mapError(done, (error) => new CannotWrite({ message: `cannot write ${path}: ${fileFault(error)}` }))
