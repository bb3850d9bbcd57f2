/**
 * Tables that fit a phone: where the page is narrow, a row becomes a card, each of whose cells says what it is.
 */
import { html } from "htm/preact"

/**
 * @typedef {{ name: string, isRight?: boolean }} Column
 * @param {{ id: string, columns: ReadonlyArray<Column>, rows: unknown }} props
 * `rows` are elements of `Row`, of the same columns. A card begins with the first cell.
 */
export const Table = ({ columns, id, rows }) =>
  html`<div class="scroll"><table id=${id} class="cards" role="table">
    <thead role="rowgroup"><tr role="row">${
    columns.map(({ isRight, name }) => html`<th role="columnheader" class=${isRight ? "right" : ""}>${name}</th>`)
  }</tr></thead>
    <tbody role="rowgroup">${rows}</tbody>
  </table></div>`

/**
 * @param {{ columns: ReadonlyArray<Column>, cells: ReadonlyArray<any>, [attribute: string]: unknown }} props
 * A cell is what is in it, or `toned`. What is left of the columns belongs to the last one.
 */
export const Row = ({ cells, columns, ...attributes }) =>
  html`<tr role="row" ...${attributes}>${
    cells.map((cell, at) => {
      const { content, title, tone } = cell?.isToned ? cell : { content: cell, title: undefined, tone: "" }
      const isLast = at === cells.length - 1 && cells.length < columns.length
      const side = columns[at].isRight ? "right" : ""
      return html`<td role="cell" data-label=${isLast ? "" : columns[at].name} class=${`${side} ${tone}`} title=${title}
        colspan=${isLast ? columns.length - at : undefined}><div>${content}</div></td>`
    })
  }</tr>`

/**
 * Content in the colour of what it means, and with more to say to whoever points at it.
 * @param {unknown} content
 * @param {string} tone
 * @param {string} [title]
 */
export const toned = (content, tone, title) => ({ isToned: true, content, tone, title })
