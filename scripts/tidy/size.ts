/**
 * How long lines, functions and files may be: a function fits on a screen, a file holds one idea.
 * The limits have no exceptions.
 */
import { type ArrowFunctionExpression, type Function as FunctionNode, Visitor } from "oxc-parser"
import { namesOf } from "./calls.ts"
import { anywhere, type Rule } from "./Rule.ts"
import type { Source } from "./Source.ts"

const lineLengthMax = 120
const functionLinesMax = 60
const fileLinesMax = 300

export const lineLength: Rule = {
  name: "line length",
  appliesTo: anywhere,
  find: ({ lines }) =>
    lines.flatMap((text, index) =>
      text.length > lineLengthMax
        ? [{ line: index + 1, message: `${text.length} columns; the limit is ${lineLengthMax}` }]
        : []
    )
}

export const fileLength: Rule = {
  name: "file length",
  appliesTo: anywhere,
  find: ({ lines }) =>
    lines.length > fileLinesMax
      ? [{ line: fileLinesMax, message: `${lines.length} lines; the limit is ${fileLinesMax}` }]
      : []
}

export const functionLength: Rule = {
  name: "function length",
  appliesTo: anywhere,
  find: (source) =>
    functionsOf(source).flatMap(({ end, start }) => {
      const line = source.lineAt(start)
      const length = source.lineAt(end) - line + 1
      return length > functionLinesMax
        ? [{ line, message: `a function of ${length} lines; the limit is ${functionLinesMax}` }]
        : []
    })
}

type AnyFunction = FunctionNode | ArrowFunctionExpression

/** Every function but chapters of tests: the bodies of `describe` and `layer`, and mere lists of tests. */
const functionsOf = ({ program }: Source): ReadonlyArray<AnyFunction> => {
  const found: Array<AnyFunction> = []
  const chapters = new Set<unknown>()
  const keep = (node: AnyFunction) => {
    if (!chapters.has(node) && !isListOfTests(node)) found.push(node)
  }
  new Visitor({
    CallExpression: ({ arguments: given, callee }) => {
      const names = namesOf(callee)
      if (names[0] === "describe" || names.at(-1) === "layer") { for (const node of given) chapters.add(node) }
    },
    FunctionDeclaration: keep,
    FunctionExpression: keep,
    ArrowFunctionExpression: keep
  }).visit(program)
  return found
}

const testNames = new Set(["describe", "it", "layer", "test"])

const isListOfTests = ({ body }: AnyFunction): boolean =>
  body?.type === "BlockStatement" && body.body.length > 0 &&
  body.body.every((statement) =>
    statement.type === "ExpressionStatement" && statement.expression.type === "CallExpression" &&
    testNames.has(namesOf(statement.expression.callee)[0] ?? "")
  )
