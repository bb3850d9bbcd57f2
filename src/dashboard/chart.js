/**
 * Charts of the last few minutes, drawn by uPlot. A chart follows the width of its place and the colours of the page.
 */
import { html } from "htm/preact"
import { useEffect, useRef } from "preact/hooks"
import uPlot from "uplot"
import { clock } from "./data.js"

/**
 * @param {{ title: string, unit: string, series: Array<{ label: string, color: string }>, data: import("uplot").AlignedData }} props
 * `data` is the times in seconds, and then the values of each series.
 */
export const Chart = ({ data, series, title, unit }) => {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null))
  const plot = useRef(/** @type {uPlot | null} */ (null))
  const labels = series.map(({ label }) => label).join()
  useEffect(() => {
    const here = place.current
    const make = () => {
      plot.current?.destroy()
      plot.current = new uPlot(optionsOf(here, unit, series), latest.current, here)
    }
    make()
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: here.clientWidth, height }))
    resized.observe(here)
    const dark = matchMedia("(prefers-color-scheme: dark)")
    dark.addEventListener("change", make)
    return () => {
      resized.disconnect()
      dark.removeEventListener("change", make)
      plot.current?.destroy()
      plot.current = null
    }
  }, [labels, unit])
  const latest = useRef(data)
  latest.current = data
  useEffect(() => plot.current?.setData(data), [data])
  const now = series.map(({ label }, at) => `${label}: ${shown(data[at + 1]?.at(-1), unit)}`).join(", ")
  return html`<section><h2>${title}</h2><div ref=${place} role="img" aria-label=${`${title}. ${now}`}></div></section>`
}

const height = 180

const shown = (value, unit) => {
  if (value === null || value === undefined) return "none"
  if (unit === "ms" && value >= 1000) return shown(value / 1000, "s")
  return `${Number(value.toPrecision(3))} ${unit}`.trim()
}

/** As wide as its longest label. */
const widthOf = (_plot, labels) => 20 + 7 * Math.max(4, ...(labels ?? []).map((label) => label.length))

/** In seconds, of which at least so many are shown; the labels tell no part of one. */
const spanMin = 30
const spanOf = (first, last) => /** @type {[number, number]} */ ([Math.min(first, last - spanMin), last])
const timeSteps = [1, 5, 10, 15, 30, 60, 120, 300]

/** Of what is counted there are no halves. */
const wholeSteps = Array.from({ length: 8 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat()

/** @returns {import("uplot").Options} */
const optionsOf = (here, unit, series) => {
  const style = getComputedStyle(here)
  const colorOf = (name) => style.getPropertyValue(name) || "gray"
  // The colours of the page depend on the scheme, and a canvas needs the one that is in force.
  const inForce = (name) => {
    const probe = document.createElement("i")
    probe.style.color = `var(${name})`
    here.append(probe)
    const color = getComputedStyle(probe).color
    probe.remove()
    return color || colorOf(name)
  }
  const axis = { stroke: inForce("--quiet"), grid: { stroke: inForce("--line"), width: 1 }, ticks: { show: false } }
  return {
    width: here.clientWidth,
    height,
    padding: [8, 8, 0, 0],
    legend: { live: false },
    cursor: { drag: { x: false, y: false } },
    scales: {
      // From the first moment on as wide as this: of less there is not much to see, and too few seconds for its labels.
      x: { range: ({ data: [times] }) => spanOf(times[0] ?? 0, times.at(-1) ?? 0) },
      y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] }
    },
    axes: [
      // The same in every country, and short: the page shows some minutes.
      { ...axis, values: (_plot, times) => times.map((at) => clock(at * 1000)), space: 60, incrs: timeSteps },
      {
        ...axis,
        size: widthOf,
        values: (_plot, values) => values.map((value) => shown(value, unit)),
        ...(unit === "" ? { incrs: wholeSteps } : {})
      }
    ],
    series: [
      {},
      ...series.map(({ color, label }) => ({
        label,
        stroke: inForce(color),
        width: 2,
        points: { show: false },
        value: (_plot, value) => shown(value, unit)
      }))
    ]
  }
}
