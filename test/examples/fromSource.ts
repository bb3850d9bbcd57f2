/**
 * Lets an example import this package by its name, as a program does that has installed it: to be loaded before it with
 * `--import`. It takes the source, since nothing is built in a clone.
 */
import { registerHooks } from "node:module"

const source = new URL("../../src/", import.meta.url)

const entries: Readonly<Record<string, string>> = { holdfast: "index.ts" }

registerHooks({
  resolve: (specifier, context, next) => {
    const [name = "", entry] = specifier.split("/")
    if (name !== "holdfast") return next(specifier, context)
    const file = entry === undefined ? entries[name] ?? "" : `${entry}.ts`
    return next(new URL(file, source).href, context)
  }
})
