/**
 * A test that asserts nothing cannot fail. Each `it` must name an assertion in its own text: `assert`,
 * `expect`, or a helper whose name begins with one of them.
 */
import { type Expression, Visitor } from "oxc-parser"
import type { Finding, Rule } from "./Rule.ts"

export const assertsSomething: Rule = {
  name: "asserts something",
  appliesTo: (path) => path.endsWith(".test.ts"),
  find: ({ lineAt, program, text }) => {
    const found: Array<Finding> = []
    new Visitor({
      CallExpression: ({ arguments: given, callee, end, start }) => {
        const isTest = rootName(callee) === "it" && given.some(({ type }) => /Function/.test(type))
        if (!isTest || /\b(assert|expect)/.test(text.slice(start, end))) return
        found.push({ line: lineAt(start), message: "a test without an assertion cannot fail" })
      }
    }).visit(program)
    return found
  }
}

/** `it` of `it(…)`, of `it.effect(…)` and of `it.each(…)(…)`. */
const rootName = (callee: Expression): string | undefined => {
  if (callee.type === "Identifier") return callee.name
  if (callee.type === "MemberExpression") return rootName(callee.object)
  return callee.type === "CallExpression" ? rootName(callee.callee) : undefined
}
