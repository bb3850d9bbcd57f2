/**
 * `npm run bench:profile`: where the time of a cycle goes, by part of the program, in leader, follower and client. The
 * profiles themselves stay in `--directory`, for Chrome's developer tools or any other that draws flames.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as Flags from "../lib/Flags.ts"
import * as Machine from "../lib/Machine.ts"
import { loads, measure } from "./Profile.ts"
import { textOf } from "./Text.ts"

const flags = {
  load: Flag.Literals("load", loads).pipe(
    Flag.withDescription("Only this load; may be given several times (default all)"),
    Flag.atLeast(0)
  ),
  directory: Flag.String("directory").pipe(
    Flag.withDescription("Where to leave the profiles (default .bench-profiles)"),
    Flag.withDefault(".bench-profiles")
  ),
  seconds: Flags.seconds(3),
  json: Flags.json
}

const profile = Command.make("bench:profile", flags, ({ directory, json, load, seconds }) =>
  Effect.gen(function*() {
    const profiles = yield* measure({ directory, loads: load.length === 0 ? loads : load, seconds })
    const machine = { ...Machine.machine(), load: Machine.load() }
    yield* Console.log(json ? JSON.stringify({ machine, profiles }, null, 2) : textOf(profiles))
  })).pipe(Command.withDescription("Say where the time of a cycle goes"))

profile.pipe(
  Command.run({ version: "1" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
