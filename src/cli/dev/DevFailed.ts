/**
 * Why `holdfast dev` did not start or did not go on.
 */
import { Schema } from "effect"

export class DevFailed extends Schema.TaggedError<DevFailed>()("DevFailed", {
  message: Schema.String
}) {}
