/**
 * The names in front of a call's parentheses, whatever stands between them: `it.each([1])("a", f)` is a
 * call of `it` and `each`.
 */
import type { Expression } from "oxc-parser"

export const namesOf = (callee: Expression): ReadonlyArray<string> => {
  if (callee.type === "Identifier") return [callee.name]
  if (callee.type === "CallExpression") return namesOf(callee.callee)
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return []
  return [...namesOf(callee.object), callee.property.name]
}
