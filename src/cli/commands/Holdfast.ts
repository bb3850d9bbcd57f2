/**
 * The `holdfast` command with all its subcommands, and what they need around them. Each subcommand is a file of its
 * own beside this one.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer } from "effect"
import { CliConfig, CliOutput, Command, GlobalFlag } from "effect/cli"
import { version } from "../../node/Version.ts"
import { presenter } from "../Presenter.ts"
import { acquire } from "./Acquire.ts"
import { bench } from "./Bench.ts"
import { check } from "./Check.ts"
import { dev } from "./Dev.ts"
import { explain } from "./Explain.ts"
import { history } from "./History.ts"
import { locks } from "./Locks.ts"
import { members } from "./Members.ts"
import { release } from "./Release.ts"
import { renew } from "./Renew.ts"
import { run as runCommand } from "./Run.ts"
import { simulate } from "./Simulate.ts"
import { snapshot } from "./Snapshot.ts"
import { start } from "./Start.ts"
import { status } from "./Status.ts"
import { transferLeader } from "./TransferLeader.ts"
import { watch } from "./Watch.ts"

const holdfast = Command.make("holdfast").pipe(
  Command.withDescription("A distributed lock service: Raft, fencing tokens, FIFO queues"),
  Command.withSubcommands([
    dev,
    start,
    runCommand,
    acquire,
    release,
    renew,
    check,
    status,
    locks,
    explain,
    watch,
    history,
    members,
    transferLeader,
    snapshot,
    bench,
    simulate
  ])
)

// Log levels are a setting of the node here, and so no flag of every command.
const builtIns = [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions]

const surroundings = Layer.mergeAll(
  NodeServices.layer,
  CliConfig.layer({ builtIns }),
  CliOutput.layerPresenter(presenter)
)

/** Does what these arguments say. */
export const run = (args: ReadonlyArray<string>) =>
  Effect.provide(Command.runWith(holdfast, { version })(args), surroundings)
