/**
 * A call that is wrong in a way that no flag can see by itself, such as a variable with a wrong value.
 */
import { Schema } from "effect"

export class WrongCall extends Schema.TaggedError<WrongCall>()("WrongCall", { message: Schema.String }) {}
