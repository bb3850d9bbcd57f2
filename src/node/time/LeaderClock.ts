/**
 * The replicated clock as its leader keeps it: a sum of short steps of monotonic time.
 *
 * A step longer than the bound counts as the bound and the excess is dropped for good, so a pause of
 * the leader lengthens leases and never shortens one. A new leader's sum starts at the largest stamp
 * in its log, so the clock never falls and never runs faster than real time.
 */
export interface LeaderClock {
  /** The sum, in whole microseconds: floats would drift. */
  readonly micros: number
  /** The monotonic reading at which it was last advanced, in milliseconds. */
  readonly readAt: number
  /** What has been dropped in all. */
  readonly droppedMicros: number
}

export const start = (stampMax: number, monotonicMillis: number): LeaderClock => ({
  micros: stampMax * 1000,
  readAt: monotonicMillis,
  droppedMicros: 0
})

export const advance = (self: LeaderClock, monotonicMillis: number, stepMillisMax: number): LeaderClock => {
  const elapsed = Math.max(0, Math.round((monotonicMillis - self.readAt) * 1000))
  const step = Math.min(elapsed, stepMillisMax * 1000)
  return {
    micros: self.micros + step,
    readAt: Math.max(self.readAt, monotonicMillis),
    droppedMicros: self.droppedMicros + elapsed - step
  }
}

/** The stamp for an entry made now, in whole milliseconds. */
export const stamp = (self: LeaderClock): number => Math.floor(self.micros / 1000)

/** How long until the stamp reaches this value, if the leader is not stopped meanwhile. */
export const millisUntil = (self: LeaderClock, stampMillis: number): number =>
  Math.max(0, Math.ceil((stampMillis * 1000 - self.micros) / 1000))
