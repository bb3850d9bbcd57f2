/**
 * What a node measures, in the text that Prometheus reads.
 */
import { Context, type Effect } from "effect"

export class Metrics extends Context.Service<Metrics, {
  /** All metrics as they are now. It asks nobody else. */
  readonly scrape: Effect.Effect<string>
}>()("server/Metrics") {}
