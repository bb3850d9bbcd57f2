/**
 * What to say when the node that serves this page gives no answer: that what is shown is old, and where else to look.
 * The page may ask nobody but its own node, so it goes by who answered when that one last told.
 */
import { html } from "htm/preact"

/**
 * @param {{ nodes: ReadonlyArray<any> | undefined, so: string, where: string }} props
 * `so` is what that means here, and `where` goes before the links to other nodes. They lead to the same place of the page.
 */
export const Gone = ({ nodes = [], so, where }) => {
  const name = nodes.find((node) => node.self)?.nodeId
  const others = nodes.filter(({ http, self, view }) => !self && http !== null && view !== null)
  const links = others.map(({ http, nodeId }, at) =>
    html`${at === 0 ? "" : " or "}<a href=${`http://${http}/${location.hash}`}>${nodeId}</a>`
  )
  const who = name === undefined ? "The node that serves this page" : `${name}, which serves this page,`
  return html`${who} has stopped or does not answer: ${so}. ${links.length === 0 ? "" : html`${where} ${links}.`}`
}
