/**
 * Where the time goes, in a few words: the parts of the program that take the most of it, by the profiles.
 */
import { processes, type Profiled } from "../profile/Profile.ts"
import type { Summary } from "../profile/Reading.ts"

/** Of leader, follower and client together, µs of CPU for a cycle; empty if there is no profile of such a load. */
export const ofCycle = (profiles: ReadonlyArray<Profiled>, load: string): string => {
  const profiled = profiles.find((each) => each.load === load)
  if (profiled === undefined) return ""
  const sums = new Map<string, number>()
  for (const { name, share } of processes.flatMap((process) => profiled.of[process].layers)) {
    sums.set(name, (sums.get(name) ?? 0) + share * 1e6 / profiled.perSecond)
  }
  const whole = [...sums.values()].reduce((sum, micros) => sum + micros, 0)
  const told = most([...sums]).map(([name, micros]) => `${name} ${micros.toFixed(0)}`)
  return `of ${whole.toFixed(0)} µs in leader, follower and client: ${told.join(", ")}`
}

export const ofStart = ({ layers }: Summary): string =>
  most(layers.map(({ name, share }) => [name, share] as const))
    .map(([name, share]) => `${name} ${(100 * share).toFixed(0)} %`)
    .join(", ")

const most = (parts: ReadonlyArray<readonly [string, number]>) => parts.toSorted(([, a], [, b]) => b - a).slice(0, 3)
