/**
 * Packs the package as npm would publish it, has publint and attw look at the file, installs it into an empty project
 * of strict TypeScript, and uses all of it there: each entry point, the README's first program as printed, each example
 * of the API reference.
 *
 * publint, attw and what the project needs are fetched for this and are no dependencies: nobody else needs them. Run
 * it with `npm run check:package`; it ends with 1 when anything is wrong.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { useInProject } from "./project.ts"

const tools = ["--yes", "--package=publint@0.3.25", "--package=@arethetypeswrong/cli@0.18.5"]

const directory = mkdtempSync(join(tmpdir(), "holdfast-package-"))
const run = (command: string, ...args: ReadonlyArray<string>) => execFileSync(command, args, { stdio: "inherit" })

try {
  run("npm", "pack", "--silent", "--pack-destination", directory)
  const file = join(directory, readdirSync(directory).find((name) => name.endsWith(".tgz")) ?? "")
  run("npx", ...tools, "publint", file, "--strict")
  run("npx", ...tools, "attw", file, "--profile", "esm-only")
  const project = join(directory, "project")
  mkdirSync(project)
  await useInProject(project, file)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}
