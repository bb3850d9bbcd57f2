/**
 * What a file may take from effect, and whether anybody takes the file. Which file may import which is
 * the business of `scripts/layers/`; here it is about names.
 */
import { inProduct, type Rule } from "./Rule.ts"

const words = (...lines: ReadonlyArray<string>): ReadonlySet<string> => new Set(lines.join(" ").split(" "))

/** The modules of effect that are data and nothing else: no runtime, clock, randomness or IO. */
const dataModules = words(
  "Array BigInt Boolean Brand Chunk Data Duration Equal Equivalence Function Hash HashMap HashSet",
  "Iterable MutableHashMap MutableHashSet MutableList Number Option Order Ordering Predicate Record Result Schema",
  "SchemaTransformation String Struct Tuple Types absurd flow identity pipe"
)

const codecModules = words("SchemaBinary")

/** The names that a pure core may import from a module, or nothing if it may not import that module. */
const allowedNames = (from: string): ReadonlySet<string> | undefined => {
  if (from === "effect") return dataModules
  if (from === "effect/encoding") return codecModules
  return undefined
}

export const pureCore: Rule = {
  name: "pure core",
  appliesTo: (path) => /^src\/(raft|lock)\//.test(path),
  find: ({ lineAt, module }) =>
    module.staticImports
      .filter(({ moduleRequest }) => !moduleRequest.value.startsWith("."))
      .flatMap(({ entries, moduleRequest: { value: from }, start }) => {
        const allowed = allowedNames(from)
        const names = entries.map(({ importName }) => importName.name ?? "*")
        const forbidden = allowed === undefined ? [from] : names.filter((name) => !allowed.has(name))
        return forbidden.map((name) => ({
          line: lineAt(start),
          message: `${name} from ${from}: raft and lock take data modules, by name, and nothing else`
        }))
      })
}

/** Where Node, npm or a user comes in; every other file is there because some file imports it. */
const entries = new Set(["src/index.ts", "src/promise.ts", "src/testing.ts", "src/cli/main.ts"])

export const deadFile: Rule = {
  name: "dead file",
  appliesTo: inProduct,
  find: ({ path }, project) =>
    entries.has(path) || project.some(({ imports }) => imports.has(path))
      ? []
      : [{ line: 1, message: "nothing imports this file" }]
}
