/**
 * The package as its users get it: packed, unpacked into an empty project of strict TypeScript, and both of its faces
 * used there, the example of the README first.
 */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
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

const tsconfig = {
  compilerOptions: {
    strict: true,
    exactOptionalPropertyTypes: true,
    target: "es2022",
    lib: ["es2022", "esnext.disposable"],
    module: "nodenext",
    types: ["node"],
    skipLibCheck: true,
    outDir: "out"
  },
  include: ["*.ts"]
}

class Project extends Context.Service<Project, {
  readonly directory: string
  /** Compiles these files and runs the first. */
  readonly say: (files: Readonly<Record<string, string>>) => Effect.Effect<string>
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
      const say = Effect.fnUntraced(function*(files: Readonly<Record<string, string>>) {
        for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
        yield* run(process.execPath, [tsc], directory)
        return yield* run(process.execPath, [join("out", Object.keys(files)[0]!.replace(/ts$/, "js"))], directory)
      })
      return Project.of({ directory, say })
    })
  )
}

/** The example of a page, with the node of the test in place of its nodes, and what the page says that it prints. */
const exampleOf = (page: string, rpc: string) => {
  const [, code = "", output = ""] = /```ts\n([\s\S]*?holdfast\/promise[\s\S]*?)```\n\n```\n([\s\S]*?)```/
    .exec(readFileSync(join(root, page), "utf8")) ?? []
  return { code: code.replace(/\["127[^\]]*\]/, JSON.stringify([rpc])), output }
}

const effectProgram = (rpc: string) => `
  import { Effect, type Scope } from "effect"
  import { type AcquireError, CurrentLock, type Lock, LockClient, LockLost } from "holdfast"
  const program = Effect.gen(function*() {
    const locks = yield* LockClient
    const lock: Lock = yield* locks.tryAcquire("a", { ttl: "5 seconds" })
    const held: number = yield* locks.withLock("b")(Effect.flatMap(CurrentLock, ({ token }) => token))
    const typed: Effect.Effect<Lock, AcquireError, Scope.Scope> = locks.readLock("c", { wait: 100 })
    yield* typed.pipe(Effect.catchTag("LockHeld", ({ holders }) => Effect.die(holders.length)))
    console.log(held > (yield* lock.token), LockLost.name)
  })
  const layer = LockClient.layerRpc({ nodes: [${JSON.stringify(rpc)}] })
  await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(layer)))
`

const promiseProgram = (rpc: string) => `
  import { createClient, LockHeld, type Lock } from "holdfast/promise"
  await using client = await createClient({ nodes: [${JSON.stringify(rpc)}], ttl: "5 seconds" })
  await using lock: Lock = await client.acquire("a", { signal: AbortSignal.timeout(5000) })
  const refused: unknown = await client.tryAcquire("a").catch((error: unknown) => error)
  if (!(refused instanceof LockHeld)) throw refused
  const token: number = await client.withLock("b", { permits: 2 }, async ({ token }) => token)
  console.log(refused._tag, refused.holders.length, token > lock.token)
`

layer(Layer.merge(RealNode.layer, Project.layer), { excludeTestServices: true, timeout: 120_000 })(
  "The package in a project of its own",
  (it) => {
    it.effect("runs the example of the README as printed, and both faces with their types", () =>
      Effect.gen(function*() {
        const { rpc } = yield* RealNode.RealNode
        const { say } = yield* Project
        const { code, output } = exampleOf("README.md", rpc)
        assert.include(code, "withLock")
        const said = yield* say({
          "readme.ts": code,
          "effect.ts": effectProgram(rpc),
          "promise.ts": promiseProgram(rpc)
        })
        assert.strictEqual(said.replace(/\d+/, "3"), output)
        assert.strictEqual(
          yield* run(process.execPath, ["out/effect.js"], (yield* Project).directory),
          "true LockLost\n"
        )
        assert.strictEqual(
          yield* run(process.execPath, ["out/promise.js"], (yield* Project).directory),
          "LockHeld 1 true\n"
        )
      }))
  }
)
