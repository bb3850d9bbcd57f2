/**
 * `holdfast check`: is this the token of a present holder? The exit code says so too.
 */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { show } from "../Asking.ts"
import { ExitWith } from "../ExitWith.ts"
import { nameArgument } from "../LockFlags.ts"
import { lost } from "../Locking.ts"
import { jsonFlag, nodesFlag } from "../Nodes.ts"
import { askHttp, parseToken, tokenWords } from "../Scripting.ts"

const flags = {
  nodes: nodesFlag,
  json: jsonFlag,
  name: nameArgument,
  token: Argument.String("token").pipe(
    Argument.withDescription("The fencing token"),
    Argument.filterMap(parseToken, tokenWords)
  )
}

export const check = Command.make("check", flags, ({ json, name, nodes, token }) =>
  Effect.gen(function*() {
    const checked = yield* askHttp(
      nodes,
      name,
      (ask) => ask((client) => client.locks.check({ params: { name }, payload: { token } }))
    )
    const text = `Token ${token} is ${checked.valid ? "" : "not "}of a present holder of ${JSON.stringify(name)}.`
    yield* show(json, checked, text)
    if (!checked.valid) return yield* new ExitWith({ code: lost, message: "" })
  })).pipe(Command.withDescription("Ask whether a token is of a present holder"))
