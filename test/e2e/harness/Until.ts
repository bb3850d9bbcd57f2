/**
 * Waits on a condition of real processes: real time, because nothing else moves them. A condition that
 * does not come in time fails with its name and with what was seen last.
 */
import { Data, Effect } from "effect"

export class NotInTime extends Data.TaggedError("NotInTime")<{ readonly message: string }> {}

const pollMillis = 20

/** The first value that is not null. A look that fails counts as null. */
export const until = <A, E, R>(
  what: string,
  look: Effect.Effect<A | null, E, R>,
  millisMax = 20_000
): Effect.Effect<A, NotInTime, R> =>
  Effect.suspend(() => {
    let failure = ""
    const attempt = look.pipe(Effect.catch((error) =>
      Effect.sync(() => {
        failure = `; the last look failed with ${String(error)}`
        return null
      })
    ))
    const loop = Effect.gen(function*() {
      while (true) {
        const value = yield* attempt
        if (value !== null) return value
        yield* Effect.sleep(pollMillis)
      }
    })
    return Effect.timeoutOrElse(loop, {
      duration: millisMax,
      orElse: () => Effect.fail(new NotInTime({ message: `not within ${millisMax} ms: ${what}${failure}` }))
    })
  })
