/**
 * Points in time for people, as the API tells them: what a leader's wall clock showed. Nothing is decided by them.
 */
import { DateTime } from "effect"

/** In UTC; null when nobody has said. */
export const wallTime = (millis: number): string | null =>
  millis === 0 ? null : DateTime.formatIso(DateTime.makeUnsafe(millis))
