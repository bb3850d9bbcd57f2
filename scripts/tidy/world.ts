/**
 * What reads or moves the world by the back door: wall clocks, timers, ambient randomness, the
 * console, promises. In `src/` outside `cli/` all of them come through Effect, so that a test or a
 * simulator can hold them.
 */
import { Visitor } from "oxc-parser"
import type { Finding, Rule } from "./Rule.ts"
import type { Source } from "./Source.ts"

const globals = new Map([
  ["Date", "take the time from Clock"],
  ["performance", "take the time from Clock"],
  ["setTimeout", "use Effect.sleep or a Schedule"],
  ["setInterval", "use Effect.sleep or a Schedule"],
  ["setImmediate", "use Effect.yieldNow"],
  ["console", "use Effect.log"],
  ["process", "read settings through Config, and leave the process to cli/"],
  ["crypto", "take randomness from effect/crypto"]
])

const members = new Map([
  ["Math.random", "use Random, or effect/crypto for secrets"]
])

const modules = new Map([
  ["node:process", "read settings through Config, and leave the process to cli/"],
  ["node:timers", "use Effect.sleep or a Schedule"],
  ["node:timers/promises", "use Effect.sleep or a Schedule"],
  ["node:perf_hooks", "take the time from Clock"],
  ["node:console", "use Effect.log"]
])

/** It names the process to people, and nothing is done by it. */
const label = "src/client/DefaultLabel.ts"

export const world: Rule = {
  name: "the world",
  // What a browser runs has no Effect around it, and nothing that must hold it.
  appliesTo: (path) => path.startsWith("src/") && !/^src\/(cli|dashboard)\//.test(path) && path !== label,
  find: (source) => [...forbiddenNames(source), ...forbiddenModules(source), ...promises(source)]
}

const forbiddenModules = ({ lineAt, module }: Source): ReadonlyArray<Finding> =>
  module.staticImports.flatMap(({ entries, moduleRequest: { value }, start }) => {
    const isRandom = value === "node:crypto" && entries.some(({ importName }) => importName.name?.startsWith("random"))
    const instead = isRandom ? "take randomness from effect/crypto" : modules.get(value)
    return instead === undefined ? [] : [{ line: lineAt(start), message: `${value}: ${instead}` }]
  })

const promises = ({ lineAt, program }: Source): ReadonlyArray<Finding> => {
  const found: Array<Finding> = []
  const report = ({ start }: { readonly start: number }) =>
    found.push({ line: lineAt(start), message: "async: write an Effect" })
  const reportAsync = (node: { readonly async: boolean; readonly start: number }) => {
    if (node.async) report(node)
  }
  new Visitor({
    AwaitExpression: report,
    FunctionDeclaration: reportAsync,
    FunctionExpression: reportAsync,
    ArrowFunctionExpression: reportAsync
  }).visit(program)
  return found
}

const forbiddenNames = ({ lineAt, program }: Source): ReadonlyArray<Finding> => {
  const found: Array<Finding> = []
  // Names that stand for no variable: `x.process`, `{ process: 1 }`, and every name inside a type.
  const labels = new Set<unknown>()
  const report = (name: string, start: number, instead: string | undefined) => {
    if (instead !== undefined) found.push({ line: lineAt(start), message: `${name}: ${instead}` })
  }
  new Visitor({
    MemberExpression: ({ computed, object, property, start }) => {
      if (!computed) labels.add(property)
      if (object.type === "Identifier" && property.type === "Identifier") {
        const name = `${object.name}.${property.name}`
        report(name, start, members.get(name))
      }
    },
    Property: ({ computed, key, shorthand }) => {
      if (!computed && !shorthand) labels.add(key)
    },
    PropertyDefinition: ({ key }) => labels.add(key),
    MethodDefinition: ({ key }) => labels.add(key),
    ImportSpecifier: ({ imported }) => labels.add(imported),
    TSPropertySignature: ({ key }) => labels.add(key),
    TSMethodSignature: ({ key }) => labels.add(key),
    TSTypeReference: ({ typeName }) => labels.add(typeName),
    Identifier: (node) => {
      if (!labels.has(node)) report(node.name, node.start, globals.get(node.name))
    }
  }).visit(program)
  return found
}
