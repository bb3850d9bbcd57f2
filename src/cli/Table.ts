/**
 * Rows under a header, each column as wide as its widest cell, the first cell of a row in its colour. What is in a cell
 * may be text of others.
 */
import { harmless } from "./Harmless.ts"
import type { Color, Style } from "./Style.ts"

export interface Row {
  readonly color: Color
  readonly cells: ReadonlyArray<string>
}

export const table = (header: ReadonlyArray<string>, given: ReadonlyArray<Row>, style: Style): string => {
  const rows = given.map(({ cells, color }): Row => ({ color, cells: cells.map(harmless) }))
  const widthOf = (column: number) =>
    Math.max(...[header, ...rows.map(({ cells }) => cells)].map((cells) => cells[column]?.length ?? 0))
  const widths = header.map((_, column) => widthOf(column))
  // Padded before it is coloured: escapes have a length and no width.
  const line = (cells: ReadonlyArray<string>, color: Color) =>
    cells
      .map((cell, column) => cell.padEnd(column === cells.length - 1 ? 0 : widths[column] ?? 0))
      .map((cell, column) => column === 0 || color === "bold" ? style(color, cell) : cell)
      .join("  ")
  return [line(header, "bold"), ...rows.map(({ cells, color }) => line(cells, color))].join("\n")
}
