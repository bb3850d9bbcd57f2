/**
 * `holdfast snapshot`: backups, from a running cluster to a new one.
 */
import { Command } from "effect/cli"
import { inspect } from "./SnapshotInspect.ts"
import { restore } from "./SnapshotRestore.ts"
import { save } from "./SnapshotSave.ts"

export const snapshot = Command.make("snapshot").pipe(
  Command.withDescription("Back up a cluster, and make a new one out of a backup"),
  Command.withSubcommands([save, inspect, restore])
)
