/** A file that was asked for could not be written; nothing is left of it. */
import { Schema } from "effect"

export class CannotWrite extends Schema.TaggedError<CannotWrite>()("CannotWrite", { message: Schema.String }) {}
