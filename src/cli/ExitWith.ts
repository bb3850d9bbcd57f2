/**
 * An end of the process with a code of a command's own, and with a line on stderr if there is something to say.
 */
import { Schema } from "effect"

export class ExitWith extends Schema.TaggedError<ExitWith>()("ExitWith", {
  code: Schema.Int,
  /** Empty when all has been said. */
  message: Schema.String
}) {}
