/**
 * Lines over a logarithmic axis of what was set, against a logarithmic axis of what was measured; a stroke through each
 * point reaches from the least to the greatest of its runs.
 */
import type { Spread } from "../lib/Measured.ts"
import { logarithmic, type Scale, tickText } from "./Scale.ts"
import { colours, element, picture, text } from "./Svg.ts"

export interface Line {
  readonly name: string
  readonly points: ReadonlyArray<readonly [x: number, y: Spread]>
}

export interface Plot {
  readonly title: string
  readonly x: string
  readonly y: string
  readonly lines: ReadonlyArray<Line>
}

const size = { width: 720, height: 400 }
const area = { left: 64, right: 560, top: 44, bottom: 348 }

export const draw = ({ lines, title, x, y }: Plot): string => {
  const points = lines.flatMap((line) => line.points)
  const across = logarithmic(points.map(([value]) => value), area.left, area.right)
  const up = logarithmic(points.flatMap(([, { max, min }]) => [min, max]), area.bottom, area.top)
  const places = [...new Set(points.map(([value]) => value))].toSorted((a, b) => a - b)
  return picture(size, title, [
    text(title, { class: "title", x: 16, y: 22 }),
    ...up.ticks.flatMap((tick) => [
      element("line", { class: "grid", x1: area.left, x2: area.right, y1: up.at(tick), y2: up.at(tick) }),
      text(tickText(tick), { x: area.left - 8, y: up.at(tick) + 4, "text-anchor": "end" })
    ]),
    ...places.map((place) =>
      text(place.toLocaleString("en-US"), { x: across.at(place), y: area.bottom + 20, "text-anchor": "middle" })
    ),
    text(x, { x: (area.left + area.right) / 2, y: area.bottom + 42, "text-anchor": "middle" }),
    text(y, { x: area.left, y: area.top - 8 }),
    ...lines.flatMap((line, at) => drawn(line, at, across, up))
  ])
}

const drawn = ({ name, points }: Line, at: number, across: Scale, up: Scale): ReadonlyArray<string> => {
  const colour = `c${at % colours}`
  const path = points.map(([x, { median }]) => `${across.at(x).toFixed(1)},${up.at(median).toFixed(1)}`).join(" ")
  const legendY = area.top + 16 + 22 * at
  return [
    element("polyline", { class: `line ${colour}`, points: path }),
    ...points.flatMap(([x, { max, median, min }]) => [
      element("line", {
        class: `spread ${colour}`,
        x1: across.at(x),
        x2: across.at(x),
        y1: up.at(min),
        y2: up.at(max)
      }),
      element("circle", { class: colour, cx: across.at(x), cy: up.at(median), r: 3 })
    ]),
    element("line", { class: `line ${colour}`, x1: area.right + 20, x2: area.right + 40, y1: legendY, y2: legendY }),
    text(name, { x: area.right + 48, y: legendY + 4 })
  ]
}
