/**
 * From values to places in a picture, on a logarithmic axis: equal ratios are equal distances.
 */

export interface Scale {
  readonly at: (value: number) => number
  /** Values that get a line and a number. */
  readonly ticks: ReadonlyArray<number>
}

/** From the first to the last place, for all of these values; ticks are 1, 2 and 5 times a power of ten. */
export const logarithmic = (values: ReadonlyArray<number>, first: number, last: number): Scale => {
  const known = values.filter((value) => value > 0 && Number.isFinite(value))
  const steps = roundNumbers(Math.min(...known), Math.max(...known))
  const [low = 1, high = 10] = [steps[0], steps.at(-1)]
  const span = Math.log(high / low) || 1
  // Many of them would run into each other: then whole powers are enough.
  const ticks = steps.length > ticksMax ? steps.filter((step) => step.toExponential().startsWith("1e")) : steps
  return { at: (value) => first + (last - first) * Math.log(value / low) / span, ticks }
}

const ticksMax = 10

/** From the greatest that is not above the least value to the least that is not below the greatest. */
const roundNumbers = (least: number, greatest: number): ReadonlyArray<number> => {
  const all: Array<number> = []
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(greatest)); power++) {
    for (const factor of [1, 2, 5]) all.push(Number((factor * 10 ** power).toPrecision(1)))
  }
  const from = all.findLastIndex((step) => step <= least)
  const to = all.findIndex((step) => step >= greatest)
  return all.slice(from, to + 1)
}

export const tickText = (value: number): string =>
  value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(Number(value.toPrecision(3)))
