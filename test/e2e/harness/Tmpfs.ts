/**
 * A small disk of its own for one node, which a test fills up. Only root may mount one.
 */
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { rmSync, statfsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { tempDir } from "./TestCluster.ts"

export const canMount = process.platform === "linux" && process.getuid?.() === 0

/** Mounted until the scope closes. */
export const tmpfs = Effect.fnUntraced(function*(kilobytes: number) {
  const path = yield* tempDir
  yield* Effect.acquireRelease(
    Effect.sync(() => execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", path])),
    () => Effect.sync(() => execFileSync("umount", ["--lazy", path]))
  )
  return path
})

/** Takes all but so much of what is left; `makeRoom` gives it back. */
export const fill = (path: string, kilobytesLeft: number) =>
  Effect.sync(() => {
    const { bavail, bsize } = statfsSync(path)
    writeFileSync(join(path, "ballast"), Buffer.alloc(bavail * bsize - kilobytesLeft * 1_024))
  })

export const makeRoom = (path: string) => Effect.sync(() => rmSync(join(path, "ballast")))
