/**
 * Packs the package as npm would publish it, and has publint and attw look at the file. They are fetched for this and
 * are no dependencies: nobody else needs them.
 *
 * Run it with `npm run check:package`; it ends with 1 when one of them finds something.
 */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const directory = mkdtempSync(join(tmpdir(), "holdfast-package-"))
const run = (command: string, ...args: ReadonlyArray<string>) => execFileSync(command, args, { stdio: "inherit" })

try {
  run("npm", "pack", "--pack-destination", directory)
  const file = join(directory, readdirSync(directory).find((name) => name.endsWith(".tgz")) ?? "")
  run("npx", "--yes", "publint@0.3.25", file, "--strict")
  run("npx", "--yes", "@arethetypeswrong/cli@0.18.5", file, "--profile", "esm-only")
} catch {
  process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}
