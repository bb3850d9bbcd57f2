/**
 * Whether a row of samples rises: the line of least squares through them, because a heap goes up and down by itself.
 */

export interface Point {
  /** In milliseconds. */
  readonly at: number
  readonly value: number
}

export interface Growth {
  readonly mean: number
  readonly perMinute: number
  /** How long was looked, in milliseconds. */
  readonly span: number
}

export const growth = (points: ReadonlyArray<Point>): Growth => {
  const mean = average(points.map(({ value }) => value))
  const middle = average(points.map(({ at }) => at))
  const spread = points.reduce((sum, { at }) => sum + (at - middle) ** 2, 0)
  const slope = points.reduce((sum, { at, value }) => sum + (at - middle) * (value - mean), 0) / spread
  const span = points.length === 0
    ? 0
    : Math.max(...points.map(({ at }) => at)) - Math.min(...points.map(({ at }) => at))
  return { mean, perMinute: spread === 0 ? 0 : slope * 60_000, span }
}

const average = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

/**
 * The least of each stretch: what V8 has not collected yet goes up and down, and what lives is below it. A stretch at
 * either end that was hardly seen may have no low point, and does not count.
 */
export const least = (points: ReadonlyArray<Point>, stretchMillis: number): ReadonlyArray<Point> => {
  const stretches = [...Map.groupBy(points, ({ at }) => Math.floor(at / stretchMillis)).values()]
  const fullest = Math.max(...stretches.map(({ length }) => length))
  return stretches.filter(({ length }) => length > fullest / 2)
    .map((stretch) => stretch.reduce((low, point) => point.value < low.value ? point : low))
}

/** A shorter look tells nothing: a young process still warms up. */
const spanMillisMin = 60_000
const riseShareMax = 0.15
const riseMin = 16

/** Flat: over the time that was looked, the line rises by less than a seventh of the mean, or by next to nothing. */
export const judge = (
  { mean, perMinute, span }: Growth,
  mayRise = riseMin
): "flat" | "rises" | "too short to tell" => {
  if (span < spanMillisMin) return "too short to tell"
  return perMinute * span / 60_000 <= Math.max(mayRise, riseShareMax * mean) ? "flat" : "rises"
}
