/**
 * Where logs go and what they look like: stderr, so that stdout is for what a command was asked for; a
 * short line for people when a terminal reads them, a JSON object for programs otherwise.
 */
import { Effect, Layer, Logger, References, Stdio } from "effect"
import type { Logging } from "../node/NodeConfig.ts"
import { prettyLogger } from "./PrettyLogger.ts"
import { styleFor } from "./Style.ts"

/** `auto` as pretty or JSON. */
export const resolveFormat = Effect.fnUntraced(function*({ format }: Logging) {
  const { stderrIsTerminal } = yield* Stdio.Stdio
  if (format !== "auto") return format
  return (yield* stderrIsTerminal) ? "pretty" as const : "json" as const
})

export const layer = (logging: Logging): Layer.Layer<never, never, Stdio.Stdio> =>
  Layer.unwrap(Effect.map(resolveFormat(logging), (format) => {
    const logger = format === "pretty" ? prettyLogger(styleFor(process.stderr)) : Logger.formatJson
    return Layer.merge(
      Logger.layer([Logger.withConsoleError(logger)]),
      Layer.succeed(References.MinimumLogLevel, minimumLevels[logging.level])
    )
  }))

const minimumLevels = {
  trace: "Trace",
  debug: "Debug",
  info: "Info",
  warn: "Warn",
  error: "Error",
  none: "None"
} as const
