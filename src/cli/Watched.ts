/**
 * `--watch`: what a command shows is shown again and again, in the place where it was, until it is stopped. Where no
 * terminal reads it, one follows the other.
 */
import { Console, Effect } from "effect"
import { Flag } from "effect/cli"

export const watchFlag = Flag.Boolean("watch").pipe(
  Flag.withAlias("w"),
  Flag.withDescription("Show it again every second, until Ctrl-C"),
  Flag.withDefault(false)
)

/** Does what shows something once, or over and over. When it fails, it is over. */
export const watched = <E, R>(
  isWatched: boolean,
  show: Effect.Effect<void, E, R>,
  isTerminal: boolean = process.stdout.isTTY
): Effect.Effect<void, E, R> => {
  if (!isWatched) return show
  const again = isTerminal ? Effect.flatMap(Console.Console, (console) => inPlace(show, console)) : show
  return Effect.forever(Effect.andThen(again, Effect.sleep(everyMillis)))
}

const everyMillis = 1000

const inPlace = <E, R>(show: Effect.Effect<void, E, R>, console: Console.Console) =>
  Effect.provideService(show, Console.Console, {
    ...console,
    log: (...said: ReadonlyArray<unknown>) => console.log(overwriting(said.join(" ")))
  })

/** From the top of the screen on: each line wiped to its end, and then all that was below. */
const overwriting = (text: string): string => `\u001b[H${text.replaceAll("\n", "\u001b[K\n")}\u001b[K\n\u001b[J`
