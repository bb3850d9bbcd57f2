/**
 * Profiles as tables: which part of the program takes how much time for a cycle, in each process.
 */
import * as Table from "../lib/Table.ts"
import { processes, type Profiled } from "./Profile.ts"

const micros = (share: number, { perSecond }: Profiled): string => (share * 1e6 / perSecond).toFixed(1)

/** µs for a cycle, the largest sum first; what is below a hundredth of the sum of all is left out. */
export const layerRows = (profiled: Profiled): ReadonlyArray<ReadonlyArray<string>> => {
  const names = new Set(processes.flatMap((name) => profiled.of[name].layers.map((layer) => layer.name)))
  const rows = [...names].map((name) => {
    const shares = processes.map((process) =>
      profiled.of[process].layers.find((layer) => layer.name === name)?.share ?? 0
    )
    return { name, shares, sum: shares.reduce((sum, share) => sum + share, 0) }
  })
  const whole = rows.reduce((sum, row) => sum + row.sum, 0)
  const told = rows.filter(({ sum }) => sum >= whole / 100).toSorted((a, b) => b.sum - a.sum)
  const busy = processes.map((process) => profiled.of[process].busy)
  return [
    ...told.map(({ name, shares }) => [name, ...shares.map((share) => micros(share, profiled))]),
    ["all that is not idle", ...busy.map((share) => micros(share, profiled))],
    ["busy, of one core", ...busy.map((share) => `${(100 * share).toFixed(0)} %`)]
  ]
}

const textOfOne = (profiled: Profiled): string => {
  const functions = processes.flatMap((process) => [
    `hottest of the ${process}:`,
    ...profiled.of[process].functions.map(({ name, share }) => `${micros(share, profiled).padStart(8)} µs  ${name}`)
  ])
  const title = `${profiled.load}: ${profiled.perSecond.toFixed(0)} cycles/s under the profile, µs for a cycle`
  return [title, Table.table([["", ...processes], ...layerRows(profiled)]), ...functions].join("\n")
}

export const textOf = (all: ReadonlyArray<Profiled>): string => all.map(textOfOne).join("\n\n")
