/**
 * The data directory of a cluster on this machine: made when missing, and held by one `holdfast dev` at a
 * time, with the directories of the nodes and `dev.json` inside.
 */
import { Effect } from "effect"
import * as DataDirectory from "../../node/logstore/DataDirectory.ts"
import { DevFailed } from "./DevFailed.ts"

/** Makes the directory and holds it until the scope closes, as a node holds its own. */
export const hold = (path: string) =>
  DataDirectory.acquire(path).pipe(
    Effect.catchIf(
      ({ reason }) => reason === "in-use",
      () => new DevFailed({ message: `another holdfast dev holds ${path}; stop it, or choose another with --data-dir` })
    )
  )
