/**
 * `holdfast renew`: starts the TTL of a session anew, and with it that of all its locks.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { show } from "../Asking.ts"
import { duration } from "../Durations.ts"
import { jsonFlag, nodesFlag } from "../Nodes.ts"
import { askHttp, givenSession, sessionFlag } from "../Scripting.ts"

const flags = { nodes: nodesFlag, json: jsonFlag, session: sessionFlag }

export const renew = Command.make("renew", flags, ({ json, nodes, session }) =>
  Effect.gen(function*() {
    const id = yield* givenSession(session)
    const renewed = yield* askHttp(nodes, null, (ask) =>
      ask((client) =>
        client.sessions.renew({ params: { session: id } })
      ))
    yield* show(json, renewed, `The session lasts for ${duration(renewed.expiresInMs)} from now.`)
  })).pipe(Command.withDescription("Keep a session, and all that it holds"))
