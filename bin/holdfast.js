#!/usr/bin/env node
/**
 * The `holdfast` command. It runs the built `dist/` where there is one (the published package) and
 * the TypeScript of `src/` where there is none (a clone). A Node that is too old for that hands over
 * to the Node that `npm ci` put beside us. It is JavaScript because Node strips no types inside
 * `node_modules`; it decides nothing else.
 */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
// All of it, because a Node that is too old lacks some of it, and must come far enough to hand over.
import module from "node:module"
import { constants } from "node:os"
import { fileURLToPath } from "node:url"

const built = new URL("../dist/cli/main.js", import.meta.url)
const source = new URL("../src/cli/main.ts", import.meta.url)
const ownNode = fileURLToPath(new URL("../node_modules/.bin/node", import.meta.url))

const isNewEnough = () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  return major > 22 || (major === 22 && minor >= 19)
}

/** Runs this file again under `node`, and ends as that process ends. */
const handOver = (/** @type {string} */ node) => {
  const child = spawn(node, process.argv.slice(1), { stdio: "inherit" })
  const passOn = (/** @type {NodeJS.Signals} */ signal) => {
    // A terminal has sent Ctrl-C to the whole foreground group already: passed on, it would count twice.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal)
  }
  process.on("SIGINT", passOn).on("SIGTERM", passOn).on("SIGHUP", passOn)
  child.on("error", (error) => fail(`cannot run ${node}: ${error.message}`))
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? "SIGKILL"]))
}

const fail = (/** @type {string} */ message) => {
  process.stderr.write(`holdfast: ${message}\n`)
  process.exit(1)
}

if (isNewEnough()) {
  // Most of what a command takes to start is the compiling of its modules. NODE_COMPILE_CACHE says where else to keep
  // what is compiled, NODE_DISABLE_COMPILE_CACHE=1 keeps nothing.
  module.enableCompileCache()
  await import((existsSync(built) ? built : source).href)
} else if (existsSync(ownNode)) {
  handOver(ownNode)
} else {
  fail(`needs Node 22.19 or later, and this is ${process.versions.node}`)
}
