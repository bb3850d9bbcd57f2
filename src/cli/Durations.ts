/**
 * Lengths of time for people. Two units are enough to see: `3d 4h`, `5m 12s`, `250ms`.
 */
export const duration = (millis: number): string => {
  if (millis < 1000) return `${millis}ms`
  const parts = units.map(({ millisEach, name, wrap }) => ({ count: Math.floor(millis / millisEach) % wrap, name }))
  const first = parts.findIndex(({ count }) => count > 0)
  return parts.slice(first, first + 2).filter(({ count }) => count > 0).map(({ count, name }) => `${count}${name}`)
    .join(" ")
}

const units = [
  { name: "d", millisEach: 86_400_000, wrap: Infinity },
  { name: "h", millisEach: 3_600_000, wrap: 24 },
  { name: "m", millisEach: 60_000, wrap: 60 },
  { name: "s", millisEach: 1000, wrap: 60 }
]
