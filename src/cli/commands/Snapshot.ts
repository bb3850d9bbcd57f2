/**
 * `holdfast snapshot`: backups, from a running cluster to a new one.
 */
import { Command } from "effect/cli"
import { save } from "./SnapshotSave.ts"

export const snapshot = Command.make("snapshot").pipe(
  Command.withDescription("Back up a cluster"),
  Command.withSubcommands([save])
)
