/**
 * `holdfast release`: gives back what `holdfast acquire` took. A session of its own lives on, empty, until its TTL.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { show } from "../Asking.ts"
import { nameArgument } from "../LockFlags.ts"
import { jsonFlag, nodesFlag } from "../Nodes.ts"
import { askHttp, givenSession, givenToken, nextSeq, sessionFlag, tokenFlag } from "../Scripting.ts"

const flags = {
  nodes: nodesFlag,
  json: jsonFlag,
  name: nameArgument,
  session: sessionFlag,
  token: tokenFlag
}

export const release = Command.make(
  "release",
  flags,
  ({ json, name, nodes, session, token }) =>
    Effect.gen(function*() {
      const id = yield* givenSession(session)
      const payload = { session: id, token: yield* givenToken(token), ...(yield* nextSeq) }
      const released = yield* askHttp(
        nodes,
        name,
        (ask) => ask((client) => client.locks.release({ params: { name }, payload }))
      )
      yield* show(json, released, `${JSON.stringify(name)} is released.`)
    })
).pipe(Command.withDescription("Give back a lock that was acquired"))
