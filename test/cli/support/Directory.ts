/**
 * A directory that is gone with the scope.
 */
import { Effect } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "holdfast-cli-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)
