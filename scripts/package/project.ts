/**
 * A project as a user makes one: npm installs the packed file and what it depends on, with a compiler of its own, and a
 * cluster runs by the package's own command. Everything that the package is used for is compiled and run there.
 */
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { hasSaid, importAll, type Nodes, tsconfig, usesOf } from "./uses.ts"

const root = join(import.meta.dirname, "../..")

const versionOf = (name: string): string =>
  `${name}@${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies[name]}`

export const useInProject = async (directory: string, tarball: string): Promise<void> => {
  const run = (command: string, ...args: ReadonlyArray<string>) =>
    execFileSync(command, args, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })
  const node = (...args: ReadonlyArray<string>) => run(process.execPath, ...args)
  writeFileSync(join(directory, "package.json"), JSON.stringify({ private: true, type: "module" }))
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(tsconfig))
  run("npm", "install", "--no-audit", "--no-fund", tarball, versionOf("typescript"), versionOf("@types/node"))
  const imported = node("-e", importAll)
  if (imported !== "true\n") throw new Error(`an entry point exports nothing: ${imported}`)
  await withCluster(directory, (nodes) => {
    const uses = usesOf(root, nodes)
    for (const { code, name } of [...uses.run, ...uses.beside]) writeFileSync(join(directory, `${name}.ts`), code)
    node("node_modules/typescript/bin/tsc")
    for (const use of uses.run) {
      const said = node(join("out", `${use.name}.js`))
      console.log(`${use.name}: ${said.trimEnd()}`)
      if (!hasSaid(use, said)) throw new Error(`${use.name} should have said: ${use.says}`)
    }
  })
}

/** Where `npm start` has them, if nobody else is there; the examples run as printed then. */
const withCluster = async (directory: string, work: (nodes: Nodes) => void): Promise<void> => {
  const isUsual = (await Promise.all([8081, 8082, 8083, 9081, 9082, 9083, 7081, 7082, 7083].map(isFree))).every(Boolean)
  const first = isUsual ? 0 : 20_000 + process.pid % 10_000
  const ports = isUsual ? [] : [`--http-port=${first}`, `--raft-port=${first + 3}`, `--rpc-port=${first + 6}`]
  const dev = spawn(process.execPath, ["node_modules/holdfast/bin/holdfast.js", "dev", ...ports], {
    cwd: directory,
    stdio: "ignore"
  })
  try {
    work(await started(join(directory, ".holdfast/dev.json"), () => dev.exitCode !== null))
  } finally {
    const ended = dev.exitCode === null ? once(dev, "exit") : null
    dev.kill("SIGTERM")
    await ended
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once("error", () => resolve(false))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)))
  })

const startMillisMax = 60_000

const started = async (file: string, hasEnded: () => boolean, until = Date.now() + startMillisMax): Promise<Nodes> => {
  if (existsSync(file)) return nodesOf(readFileSync(file, "utf8"))
  if (hasEnded() || Date.now() > until) throw new Error("the cluster has not started")
  await setTimeout(100)
  return started(file, hasEnded, until)
}

const nodesOf = (devJson: string): Nodes => {
  const { nodes }: { readonly nodes: ReadonlyArray<{ readonly rpc: string; readonly http: string }> } = JSON.parse(
    devJson
  )
  return { rpc: nodes.map(({ rpc }) => rpc), http: nodes.map(({ http }) => http) }
}
