/**
 * What a wrong call is answered with: what is wrong and where help is, on stderr. The whole help would
 * push the one line that matters off the screen.
 */
import { Console, Effect } from "effect"
import { CliOutput } from "effect/cli"

export const presenter: CliOutput.Presenter = {
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Effect.forEach(
        [...event.errors.map(({ message }) => message), `see ${event.commandPath.join(" ")} --help`],
        (line) => Console.error(`holdfast: ${line}`),
        { discard: true }
      )
      : CliOutput.defaultPresenter.present(event)
}
