/**
 * Tables of Markdown, and how figures stand in them.
 */
import type { Taken } from "../all/Figures.ts"
import type { Spread } from "../lib/Measured.ts"

export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

/** The median, and what the runs reach from and to. */
export const figure = ({ max, median, min }: Spread, digits: number): string =>
  `${number(median, digits)} (${number(min, digits)} to ${number(max, digits)})`

export const number = (value: number, digits: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** With which command, where and when. */
export const source = ({ at, command, commit, load, machine }: Taken<unknown>): string =>
  `\`${command}\` at ${commit}, ${at.slice(0, 16).replace("T", " ")} UTC: ${machine.cores} cores of ${machine.cpu}, ` +
  `${machine.memoryGiB} GiB, Node ${machine.node}; load average ${number(load.before, 1)} before, ${
    number(load.after, 1)
  } after.`
