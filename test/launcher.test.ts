/**
 * `bin/holdfast.js`, in a directory of its own with stand-ins for the command line behind it: which one it
 * runs, and that arguments, exit codes and signals go through, also when it hands over to another Node.
 */
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const directory = mkdtempSync(join(tmpdir(), "holdfast-launcher-"))
const launcher = join(directory, "bin/holdfast.js")

const standIn = (path: string, source: string) => {
  mkdirSync(join(directory, path, ".."), { recursive: true })
  writeFileSync(join(directory, path), source)
}

const asOldNode = ["--import", `data:text/javascript,Object.defineProperty(process.versions,"node",{value:"22.18.0"})`]

interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
}

/** Runs the launcher to its end, and sends it a signal once it has printed something. */
const run = (args: ReadonlyArray<string>, options: { readonly old?: boolean; readonly signal?: NodeJS.Signals } = {}) =>
  runCommand(process.execPath, [...options.old === true ? asOldNode : [], launcher, ...args], options.signal)

const runCommand = (command: string, args: ReadonlyArray<string>, signal?: NodeJS.Signals) =>
  new Promise<Ending>((resolve, reject) => {
    const child = spawn(command, args, { cwd: directory })
    let output = ""
    const hear = (chunk: Buffer) => {
      output += chunk.toString()
      if (signal !== undefined) child.kill(signal)
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    child.on("error", reject)
    child.on("close", (code, signal) => resolve({ code, signal, output }))
  })

const says = (name: string) => `console.log(${JSON.stringify(name)}, process.argv.slice(2).join("|"))\n`

/** Puts a Node beside the project, as `npm ci` does. */
const install = () => {
  mkdirSync(join(directory, "node_modules/.bin"), { recursive: true })
  symlinkSync(process.execPath, join(directory, "node_modules/.bin/node"))
}

beforeEach(() => {
  rmSync(directory, { recursive: true, force: true })
  cpSync(join(import.meta.dirname, "../bin/holdfast.js"), launcher)
  standIn("package.json", `{ "type": "module" }`)
  standIn("src/cli/main.ts", `const name: string = "source"\n${says("source")}`)
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

describe("the launcher", () => {
  it("runs the source where nothing is built", async () => {
    assert.deepStrictEqual(await run(["a", "b c"]), { code: 0, signal: null, output: "source a|b c\n" })
  })

  it("runs what is built where it is", async () => {
    standIn("dist/cli/main.js", says("built"))
    assert.deepStrictEqual(await run(["a"]), { code: 0, signal: null, output: "built a\n" })
  })

  it("ends with the code of the command", async () => {
    standIn("src/cli/main.ts", "process.exit(3)")
    assert.strictEqual((await run([])).code, 3)
  })
})

describe("the launcher under a Node that is too old", () => {
  it("asks no module of Node for a name that an old one may lack, for it would not even start", () => {
    assert.notMatch(readFileSync(launcher, "utf8"), /import \{[^}]*\} from "node:module"/)
  })

  it("says so where there is no other", async () => {
    const { code, output } = await run([], { old: true })
    assert.strictEqual(code, 1)
    assert.strictEqual(output, "holdfast: needs Node 22.19 or later, and this is 22.18.0\n")
  })

  it("hands over to the project's own", async () => {
    install()
    assert.deepStrictEqual(await run(["a", "b c"], { old: true }), { code: 0, signal: null, output: "source a|b c\n" })
  })

  it("ends with the code of the command, or of the signal that ended it", async () => {
    install()
    standIn("src/cli/main.ts", `process.argv[2] === "kill" ? process.kill(process.pid, "SIGKILL") : process.exit(3)`)
    assert.strictEqual((await run([], { old: true })).code, 3)
    assert.strictEqual((await run(["kill"], { old: true })).code, 128 + 9)
  })

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("passes %s on", async (signal) => {
    install()
    standIn(
      "src/cli/main.ts",
      `process.on("${signal}", () => process.exit(7))\nsetTimeout(() => process.exit(0), 5_000)\n${says("up")}`
    )
    assert.strictEqual((await run([], { old: true, signal })).code, 7)
  })
})

describe("npm", () => {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8"))

  // A shell in between would end, and leave behind what it has started.
  it.each(["start", "node1", "node2", "node3"])("hands a SIGTERM on to what `npm run %s` starts", async (script) => {
    install()
    standIn("package.json", JSON.stringify({ type: "module", scripts }))
    standIn(
      "src/cli/main.ts",
      `process.on("SIGTERM", () => process.exit(7))\nsetTimeout(() => process.exit(0), 5_000)\n${says("up")}`
    )
    const { code, output } = await runCommand("npm", ["run", "--silent", script], "SIGTERM")
    assert.strictEqual(code, 7, output)
    assert.match(output, /^up (dev|start)/)
  })
})
