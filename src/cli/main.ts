/**
 * The `holdfast` command: its subcommands, the platform under them, and how it ends. Each subcommand is
 * a file of its own in `commands/`.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer } from "effect"
import { CliConfig, CliOutput, Command, GlobalFlag } from "effect/cli"
import { version } from "../node/Version.ts"
import { dev } from "./commands/Dev.ts"
import { start } from "./commands/Start.ts"
import { runMain } from "./Ending.ts"
import { presenter } from "./Presenter.ts"

const holdfast = Command.make("holdfast").pipe(
  Command.withDescription("A distributed lock service: Raft, fencing tokens, FIFO queues"),
  Command.withSubcommands([dev, start])
)

// Log levels are a setting of the node here, and so no flag of every command.
const builtIns = [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions]

holdfast.pipe(
  Command.run({ version }),
  Effect.provide(
    Layer.mergeAll(NodeServices.layer, CliConfig.layer({ builtIns }), CliOutput.layerPresenter(presenter))
  ),
  runMain
)
