/**
 * A simulated cluster has broken a rule that no cluster may break: a bug of Holdfast, told with what shows it again.
 */
import { Schema } from "effect"

export class RuleBroken extends Schema.TaggedError<RuleBroken>()("RuleBroken", { message: Schema.String }) {}
