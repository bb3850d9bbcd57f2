/**
 * Elements of SVG as text, and how a plot looks: plain enough for a page of documentation, in the reader's own colours
 * where those are dark. No script and nothing from elsewhere.
 */

type Attributes = Readonly<Record<string, string | number>>

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;")

export const element = (name: string, attributes: Attributes, ...children: ReadonlyArray<string>): string => {
  const told = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(rounded(value)))}"`).join("")
  return children.length === 0 ? `<${name}${told}/>` : `<${name}${told}>${children.join("")}</${name}>`
}

const rounded = (value: string | number) => typeof value === "number" ? Math.round(value * 10) / 10 : value

export const text = (content: string, attributes: Attributes): string => element("text", attributes, escaped(content))

/** Told apart also by who sees few colours. */
export const colours = 6

const style = `
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 14px; font-weight: 600 }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.line { fill: none; stroke-width: 2 }
.spread { stroke-width: 1.5; opacity: 0.6 }
.paper { fill: #ffffff }
.c0 { stroke: #0969da; fill: #0969da } .c1 { stroke: #bc4c00; fill: #bc4c00 } .c2 { stroke: #1a7f37; fill: #1a7f37 }
.c3 { stroke: #8250df; fill: #8250df } .c4 { stroke: #bf3989; fill: #bf3989 } .c5 { stroke: #6e7781; fill: #6e7781 }
.line { fill: none }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .grid { stroke: #3d444d } .paper { fill: #0d1117 }
  .c0 { stroke: #4493f8; fill: #4493f8 } .c1 { stroke: #f0883e; fill: #f0883e } .c2 { stroke: #3fb950; fill: #3fb950 }
  .c3 { stroke: #ab7df8; fill: #ab7df8 } .c4 { stroke: #db61a2; fill: #db61a2 } .c5 { stroke: #9198a1; fill: #9198a1 }
  .line { fill: none }
}`

export interface Size {
  readonly width: number
  readonly height: number
}

/** A whole picture; `label` says to whoever does not see it what it shows. */
export const picture = ({ height, width }: Size, label: string, parts: ReadonlyArray<string>): string => {
  const attributes = { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${width} ${height}`, role: "img" }
  const body = [
    element("title", {}, escaped(label)),
    element("style", {}, style),
    element("rect", { class: "paper", width, height }),
    ...parts
  ]
  return `${element("svg", { ...attributes, width, height }, `\n${body.join("\n")}\n`)}\n`
}
