/**
 * The package as its users get it: packed, unpacked into an empty project of strict TypeScript, and both of its faces
 * used there, the example of the README first. `npm run check:package` does the same and more where npm may install.
 */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { hasSaid, importAll, tsconfig, type Use, usesOf } from "../../scripts/package/uses.ts"
import * as RealNode from "../cli/support/RealNode.ts"
import { tempDir } from "./harness/TestCluster.ts"

const root = join(import.meta.dirname, "../..")
const installed = join(root, "node_modules")
const tsc = join(installed, "typescript/bin/tsc")

/** Runs a program to its end, beside the node that is in this process. */
const run = (command: string, args: ReadonlyArray<string>, cwd: string) =>
  Effect.callback<string>((resume) => {
    execFile(command, args, { cwd }, (error, stdout, stderr) =>
      resume(error === null ? Effect.succeed(stdout) : Effect.die(new Error(`${command} ${args}: ${stdout}${stderr}`))))
  })

/** What `npm pack` makes of this tree, without building into it. */
const packed = Effect.fnUntraced(function*(directory: string) {
  const tree = join(directory, "tree")
  mkdirSync(tree)
  for (const name of ["package.json", "bin", "CHANGELOG.md", "README.md", "LICENSE"]) {
    cpSync(join(root, name), join(tree, name), { recursive: true })
  }
  yield* run(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", join(tree, "dist")], root)
  yield* run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", directory], tree)
  return join(directory, `holdfast-${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version}.tgz`)
})

class Project extends Context.Service<Project, {
  readonly directory: string
  /** Writes their files and compiles them. */
  readonly compile: (uses: ReadonlyArray<Use>) => Effect.Effect<unknown>
}>()("test/e2e/Project") {
  static readonly layer = Layer.effect(
    Project,
    Effect.gen(function*() {
      const directory = yield* tempDir
      const tarball = yield* packed(directory)
      const modules = join(directory, "node_modules")
      mkdirSync(join(modules, "holdfast"), { recursive: true })
      yield* run("tar", ["xzf", tarball, "-C", join(modules, "holdfast"), "--strip-components=1"], directory)
      for (const name of ["effect", "@effect/platform-node", "@types/node", "undici-types"]) {
        mkdirSync(dirname(join(modules, name)), { recursive: true })
        symlinkSync(join(installed, name), join(modules, name))
      }
      writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }))
      writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(tsconfig))
      const compile = (uses: ReadonlyArray<Use>) =>
        Effect.suspend(() => {
          for (const { code, name } of uses) writeFileSync(join(directory, `${name}.ts`), code)
          return run(process.execPath, [tsc], directory)
        })
      return Project.of({ directory, compile })
    })
  )
}

layer(Layer.merge(RealNode.layer, Project.layer), { excludeTestServices: true, timeout: 120_000 })(
  "The package in a project of its own",
  (it) => {
    it.effect("can be imported from where there is no file", () =>
      Effect.gen(function*() {
        const { directory } = yield* Project
        assert.strictEqual(yield* run(process.execPath, ["-e", importAll], directory), "true\n")
      }))

    it.effect("runs the README's example as printed, both faces typed, and the examples of the reference", () =>
      Effect.gen(function*() {
        const { http, rpc } = yield* RealNode.RealNode
        const { compile, directory } = yield* Project
        const uses = usesOf(root, { rpc: [rpc], http: [http] })
        yield* compile([...uses.run, ...uses.beside])
        for (const use of uses.run) {
          const said = yield* run(process.execPath, [join("out", `${use.name}.js`)], directory)
          assert.isTrue(hasSaid(use, said), `${use.name}: ${said}`)
        }
      }))
  }
)
