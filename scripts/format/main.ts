/**
 * `npm run format` writes our files in the style of `dprint.json`; `npm run check:format` only says which
 * ones differ. Files may be named; without names it is all of them. It runs dprint's plugins, which are
 * WebAssembly and the same on every machine, without dprint's own program, which is not.
 */
import { createContext } from "@dprint/formatter"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { relative } from "node:path"
import config from "../../dprint.json" with { type: "json" }
import { optionsOf } from "../CommandLine.ts"

const { excludes, includes, json, plugins, typescript, ...shared } = config
const [typescriptPlugin = "", jsonPlugin = ""] = plugins

const formatter = createContext({ ...shared, newLineKind: "lf" })
formatter.addPlugin(readFileSync(typescriptPlugin), typescript)
formatter.addPlugin(readFileSync(jsonPlugin), json)

const { positionals, values } = optionsOf("npm run format [-- FILE…], npm run check:format", {
  allowPositionals: true,
  options: { check: { type: "boolean" } }
})

const named = positionals.map((path) => relative("", path))
const files = named.length > 0 ? named : globSync(includes, { exclude: excludes }).toSorted()
const differing = files.filter((filePath) => {
  const fileText = readFileSync(filePath, "utf8")
  const formatted = formatter.formatText({ filePath, fileText })
  if (formatted === fileText) return false
  if (values.check !== true) writeFileSync(filePath, formatted)
  return true
})

for (const path of differing) console.log(values.check === true ? `not formatted: ${path}` : `formatted: ${path}`)
if (values.check === true && differing.length > 0) process.exitCode = 1
