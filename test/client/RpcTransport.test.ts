/**
 * The links of a client over client RPC.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { ClientTransport } from "../../src/client/transport/ClientTransport.ts"
import * as RpcTransport from "../../src/client/transport/RpcTransport.ts"

it.live.each(["::1:7081", "", "leader"])(
  "a leader that is said to be at %o cannot be reached",
  (address) =>
    Effect.gen(function*() {
      const { connect } = yield* ClientTransport
      const refused = yield* Effect.flip(connect(address, () => {}))
      assert.deepInclude(refused, { _tag: "NoAnswer", address, why: "no address" })
    }).pipe(Effect.scoped, Effect.provide(RpcTransport.layer([])))
)
