/**
 * Groups of bars on a logarithmic axis: what different systems reach under the same load. Each bar has its number at
 * its end, and a stroke from the least to the greatest of its runs.
 */
import type { Spread } from "../lib/Measured.ts"
import { logarithmic, tickText } from "./Scale.ts"
import { colours, element, picture, text } from "./Svg.ts"

export interface Group {
  readonly name: string
  readonly bars: ReadonlyArray<{ readonly name: string; readonly value: Spread }>
}

export interface Plot {
  readonly title: string
  /** What a bar's length is. */
  readonly unit: string
  readonly groups: ReadonlyArray<Group>
}

const width = 720
const area = { left: 210, right: 640, top: 60 }
const barHeight = 14
const barStep = 18
const groupGap = 34

export const draw = ({ groups, title, unit }: Plot): string => {
  const values = groups.flatMap(({ bars }) => bars.flatMap(({ value: { max, min } }) => [min, max]))
  const across = logarithmic(values, area.left, area.right)
  const names = [...new Set(groups.flatMap(({ bars }) => bars.map(({ name }) => name)))]
  let y = area.top
  const parts: Array<string> = []
  for (const { bars, name } of groups) {
    parts.push(text(name, { class: "title", x: 16, y: y + 14 }))
    y += barStep + 4
    for (const { name, value: { max, median, min } } of bars) {
      const colour = `c${names.indexOf(name) % colours}`
      const middle = y + barHeight / 2
      const [from, to] = [area.left, across.at(median)]
      parts.push(
        text(name, { x: area.left - 8, y: y + 11, "text-anchor": "end" }),
        element("rect", { class: colour, x: from, y, width: Math.max(1, to - from), height: barHeight }),
        element("line", { class: "grid", x1: across.at(min), x2: across.at(max), y1: middle, y2: middle }),
        text(`${Math.round(median).toLocaleString("en-US")}`, { x: across.at(max) + 6, y: y + 11 })
      )
      y += barStep
    }
    y += groupGap - barStep
  }
  const grid = across.ticks.flatMap((tick) => [
    element("line", { class: "grid", x1: across.at(tick), x2: across.at(tick), y1: area.top, y2: y }),
    text(tickText(tick), { x: across.at(tick), y: y + 16, "text-anchor": "middle" })
  ])
  return picture({ width, height: y + 48 }, title, [
    text(title, { class: "title", x: 16, y: 22 }),
    ...grid,
    ...parts,
    text(unit, { x: (area.left + area.right) / 2, y: y + 38, "text-anchor": "middle" })
  ])
}
