/**
 * What was done to a cluster in a run, as lines for a reader: nothing that was refused or never done is passed over.
 */
import type { Deed } from "./Trouble.ts"

export const deeds = (all: ReadonlyMap<string, Deed>): ReadonlyArray<string> => [
  "Done to the cluster meanwhile:",
  ...[...all].map(([name, { done, refused }]) =>
    `  ${String(done).padStart(4)} ${name}${refused > 0 ? `, and ${refused} refused` : ""}`
  ),
  ...[...all].filter(([, { done }]) => done === 0).map(([name, { lastRefusal }]) =>
    `  NOT EXERCISED: ${name} (${lastRefusal === null ? "never drawn: the run was too short" : lastRefusal})`
  )
]
