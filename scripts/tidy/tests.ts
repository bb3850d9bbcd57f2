/**
 * A test that asserts nothing cannot fail. Each `it` must name an assertion in its own text: `assert`,
 * `expect`, a name that begins with one of them, or one that is defined in the same file with their help.
 */
import { Visitor } from "oxc-parser"
import { namesOf } from "./calls.ts"
import type { Finding, Rule } from "./Rule.ts"
import type { Source } from "./Source.ts"

export const assertsSomething: Rule = {
  name: "asserts something",
  appliesTo: (path) => path.endsWith(".test.ts"),
  find: (source) => {
    const found: Array<Finding> = []
    const assertion = assertionsIn(source)
    new Visitor({
      CallExpression: ({ arguments: given, callee, end, start }) => {
        const isTest = namesOf(callee)[0] === "it" && namesOf(callee).at(-1) !== "layer"
        if (!isTest || !given.some(({ type }) => /Function/.test(type))) return
        if (assertion.test(source.text.slice(start, end))) return
        found.push({ line: source.lineAt(start), message: "a test without an assertion cannot fail" })
      }
    }).visit(source.program)
    return found
  }
}

/** Every name that asserts, closed under "is defined with the help of". */
const assertionsIn = ({ program, text }: Source): RegExp => {
  const definitions: Array<readonly [name: string, text: string]> = []
  new Visitor({
    VariableDeclarator: ({ end, id, start }) => {
      if (id.type === "Identifier") definitions.push([id.name, text.slice(start, end)])
    },
    FunctionDeclaration: ({ end, id, start }) => {
      if (id !== null) definitions.push([id.name, text.slice(start, end)])
    }
  }).visit(program)
  const names = new Set(["assert\\w*", "expect\\w*"])
  const pattern = () => new RegExp(`(?<![.\\w])(${[...names].join("|")})(?!\\w)`)
  for (let known = 0; known < names.size;) {
    known = names.size
    for (const [name, definition] of definitions) if (pattern().test(definition)) names.add(name)
  }
  return pattern()
}
