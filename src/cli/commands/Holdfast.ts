/**
 * The `holdfast` command with all its subcommands, and what they need around them. Each subcommand is a file of its
 * own beside this one, and is loaded when it is called: who asks for a lock waits for no server to be loaded.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer } from "effect"
import { CliConfig, CliOutput, Command, GlobalFlag } from "effect/cli"
import { version } from "../../node/Version.ts"
import { presenter } from "../Presenter.ts"

/** By the names under which they are called, in the order of the help. */
const commands = {
  dev: () => import("./Dev.ts").then(({ dev }) => dev),
  start: () => import("./Start.ts").then(({ start }) => start),
  run: () => import("./Run.ts").then(({ run }) => run),
  acquire: () => import("./Acquire.ts").then(({ acquire }) => acquire),
  release: () => import("./Release.ts").then(({ release }) => release),
  renew: () => import("./Renew.ts").then(({ renew }) => renew),
  check: () => import("./Check.ts").then(({ check }) => check),
  status: () => import("./Status.ts").then(({ status }) => status),
  locks: () => import("./Locks.ts").then(({ locks }) => locks),
  explain: () => import("./Explain.ts").then(({ explain }) => explain),
  watch: () => import("./Watch.ts").then(({ watch }) => watch),
  history: () => import("./History.ts").then(({ history }) => history),
  members: () => import("./Members.ts").then(({ members }) => members),
  "transfer-leader": () => import("./TransferLeader.ts").then(({ transferLeader }) => transferLeader),
  snapshot: () => import("./Snapshot.ts").then(({ snapshot }) => snapshot),
  bench: () => import("./Bench.ts").then(({ bench }) => bench),
  simulate: () => import("./Simulate.ts").then(({ simulate }) => simulate)
}

type Name = keyof typeof commands

const isName = (name: string): name is Name => Object.hasOwn(commands, name)

/** One, if that is called by its name; else all, to be listed, completed, or to find what was meant. */
const namesIn = ([first = "", ...rest]: ReadonlyArray<string>): ReadonlyArray<Name> =>
  isName(first) && !rest.includes("--completions") ? [first] : Object.keys(commands).filter(isName)

// Log levels are a setting of the node here, and so no flag of every command.
const builtIns = [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions]

const surroundings = Layer.mergeAll(
  NodeServices.layer,
  CliConfig.layer({ builtIns }),
  CliOutput.layerPresenter(presenter)
)

/** Does what these arguments say. */
export const run = Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
  const subcommands = yield* Effect.promise(() => Promise.all(namesIn(args).map((name) => commands[name]())))
  const holdfast = Command.make("holdfast").pipe(
    Command.withDescription("A distributed lock service: Raft, fencing tokens, FIFO queues"),
    Command.withSubcommands(subcommands)
  )
  return yield* Command.runWith(holdfast, { version })(args)
}, Effect.provide(surroundings))
