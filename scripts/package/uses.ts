/**
 * What a project of a user does with the package: programs for each of its entry points, the first example of the
 * README as printed, and the examples of the API reference. Whoever has such a project compiles and runs them.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { examplesOf } from "../reference/examples.ts"
import { entries, publicNamesOf } from "../reference/PublicName.ts"

/** One node, or each of them: where its RPC and its HTTP listen, `host:port`. */
export interface Nodes {
  readonly rpc: ReadonlyArray<string>
  readonly http: ReadonlyArray<string>
}

export interface Use {
  /** Of its file, without the ending. */
  readonly name: string
  readonly code: string
  /** What it prints. */
  readonly says: string
}

export const tsconfig = {
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

/** As it is printed, but for the addresses. */
const readme = (root: string, nodes: Nodes): Use => {
  const [, code = "", says = ""] = /```ts\n([\s\S]*?holdfast\/promise[\s\S]*?)```\n\n```\n([\s\S]*?)```/
    .exec(readFileSync(join(root, "README.md"), "utf8")) ?? []
  if (!code.includes("withLock")) throw new Error("the README has no example of `withLock` any more")
  return { name: "readme", code: at(nodes)(code), says }
}

/** A program with the addresses of `npm start` in it, for the nodes that there are. */
const at = ({ http, rpc }: Nodes) => (code: string): string => {
  const http1 = http[0] ?? ""
  return code.replaceAll(/(?:"127\.0\.0\.1:708\d"(?:, )?)+/g, rpc.map((address) => JSON.stringify(address)).join(", "))
    .replaceAll("127.0.0.1:8081", http1)
}

const effectFace = (nodes: Nodes): Use => ({
  name: "effect",
  says: "true LockLost\n",
  code: `
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
    const layer = LockClient.layerRpc({ nodes: ${JSON.stringify(nodes.rpc)} })
    await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(layer)))
  `
})

const promiseFace = (nodes: Nodes): Use => ({
  name: "promise",
  says: "LockHeld 1 true\n",
  code: `
    import { createClient, LockHeld, type Lock } from "holdfast/promise"
    await using client = await createClient({ nodes: ${JSON.stringify(nodes.rpc)}, ttl: "5 seconds" })
    await using lock: Lock = await client.acquire("a", { signal: AbortSignal.timeout(5000) })
    const refused: unknown = await client.tryAcquire("a").catch((error: unknown) => error)
    if (!(refused instanceof LockHeld)) throw refused
    const token: number = await client.withLock("b", { permits: 2 }, async ({ token }) => token)
    console.log(refused._tag, refused.holders.length, token > lock.token)
  `
})

/** All in one program, one after the other: what they print is theirs. */
const reference = (root: string, nodes: Nodes): ReadonlyArray<Use> => {
  const examples = examplesOf(publicNamesOf(root)).map(({ code, name }) => ({ name, code: at(nodes)(code), says: "" }))
  const imports = examples.map(({ name }) => `await import(${JSON.stringify(`./${name}.js`)})`)
  return [
    { name: "reference", code: `${imports.join("\n")}\nconsole.log("all ran")\nexport {}\n`, says: "all ran\n" },
    ...examples
  ]
}

/** Those that are run, and what else they need. */
export const usesOf = (
  root: string,
  nodes: Nodes
): { readonly run: ReadonlyArray<Use>; readonly beside: ReadonlyArray<Use> } => {
  const [all, ...examples] = reference(root, nodes)
  return { run: [readme(root, nodes), effectFace(nodes), promiseFace(nodes), all!], beside: examples }
}

/** Whether it has said what it should have; a token is another each time, and examples may say something first. */
export const hasSaid = ({ says }: Use, said: string): boolean =>
  said.replace(/(?<=, and )\d+(?= proves)/, "3").endsWith(says)

/** For Node's \`-e\`: each entry point can be imported, also from where there is no file. */
export const importAll = `Promise.all(${
  JSON.stringify(Object.keys(entries))
}.map((entry) => import(entry))).then((all) => console.log(all.every((one) => Object.keys(one).length > 0)))`
