/**
 * What stands in comments: every module says at its top what it is, promises and never does, and no
 * comment announces work that was not done.
 */
import { anywhere, type Rule } from "./Rule.ts"

const moduleCommentLengthMin = 40
const moduleCommentLinesMax = 12

export const moduleComment: Rule = {
  name: "module comment",
  appliesTo: (path) => !path.startsWith("bin/"),
  find: ({ comments: [first] }) => {
    if (first === undefined || first.start !== 0 || first.type !== "Block" || !first.value.startsWith("*")) {
      return [{ line: 1, message: "begins with a /** comment that says what this is, promises and never does" }]
    }
    const lines = first.value.split("\n").filter((line) => /\w/.test(line))
    if (lines.length > moduleCommentLinesMax) {
      return [{ line: 1, message: `its comment has ${lines.length} lines; three to six are the habit` }]
    }
    return lines.join("").length < moduleCommentLengthMin
      ? [{ line: 1, message: "its comment is too short to say what this is, promises and never does" }]
      : []
  }
}

export const unfinished: Rule = {
  name: "unfinished",
  appliesTo: anywhere,
  find: ({ comments, lineAt }) =>
    comments.flatMap(({ start, value }) => {
      const word = /\b(TODO|FIXME|XXX|HACK)\b/.exec(value)?.[0]
      return word === undefined ? [] : [{ line: lineAt(start), message: `${word}: do it, or leave it out` }]
    })
}
