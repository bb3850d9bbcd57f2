/**
 * Puts figures into `docs/performance.md`, between marks that name them, and plots beside it. What stands outside of
 * the marks is for people to write and is left as it is; a part that was not measured keeps what it had.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { type Figures, folder } from "../all/Figures.ts"
import * as Plots from "./Plots.ts"
import * as Sections from "./Sections.ts"
import * as Targets from "./TargetTable.ts"

const page = new URL("../../docs/performance.md", import.meta.url)

export const write = (figures: Figures): void => {
  for (const [name, picture] of Plots.drawn(figures)) writeFileSync(new URL(name, folder), picture)
  const sections = [["targets", Targets.table(figures)] as const, ...Sections.written(figures)]
  const text = sections.reduce((page, [name, section]) => replaced(page, name, section), readFileSync(page, "utf8"))
  writeFileSync(page, text)
}

/** Throws where a mark is missing: a table would be lost silently. */
export const replaced = (page: string, name: string, section: string): string => {
  const [begin, end] = [`<!-- figures: ${name} -->`, `<!-- end of ${name} -->`]
  const [from, until] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || until < from) throw new Error(`docs/performance.md has no place for "${name}": it needs ${begin}`)
  return `${page.slice(0, from + begin.length)}\n${section}\n${page.slice(until)}`
}
