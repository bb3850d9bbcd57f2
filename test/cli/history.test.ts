/** `holdfast history` against a real node: who held it, and who held it at a point in time. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { json, post, send } from "../server/http/RawHttp.ts"
import * as RealNode from "./support/RealNode.ts"
import { holdfast } from "./support/running.ts"

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })("holdfast history", (it) => {
  const call = (...args: ReadonlyArray<string>) =>
    Effect.flatMap(RealNode.RealNode, ({ rpc }) => holdfast("history", ...args, `--nodes=${rpc}`))

  it.effect("shows present and past holders, and those of a point in time", () =>
    Effect.gen(function*() {
      const { http } = yield* RealNode.RealNode
      const ask = (target: string, body: object) =>
        Effect.map(send(Number(http.split(":")[1]), post(`/v1/locks/jobs%2Fa${target}`, body)), json)
      const { session, token } = yield* ask("/acquire", { ttlMs: 5000, label: "ann" })
      yield* ask("/release", { session, token })
      yield* ask("/acquire", { ttlMs: 5000, label: "bob", owner: "x" })
      const { stdout } = yield* call("jobs/a")
      const [header, present, past] = stdout.split("\n")
      assert.match(header ?? "", /^token +holder +mode +granted +ended +held +how$/)
      assert.match(present ?? "", /^2 +bob\/x +exclusive +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +- +\d+m?s +holds it$/)
      assert.match(past ?? "", /^1 +ann +exclusive +\d{4}-\d\d-\d\d .* \d+ms +released$/)
      const { history } = JSON.parse((yield* call("jobs/a", "--json")).stdout)
      const { grantedAt } = history[1]
      for (const at of [grantedAt, `${grantedAt.slice(0, "2026-01-31T14:03".length)}Z`]) {
        const during = JSON.parse((yield* call("jobs/a", "--json", "--at", at)).stdout)
        assert.include(during.history.map(({ token }: { readonly token: number }) => token), 1, at)
      }
      assert.include(
        (yield* call("jobs/a", "--at=2001-01-01T00:00")).stdout,
        "Nobody is known to have held jobs/a at 2001-01-01T00:00."
      )
      const wrong = yield* call("jobs/a", "--at=tea")
      assert.deepStrictEqual([wrong.code, wrong.stdout], [64, ""])
    }))

  it.effect("knows nothing of a lock that nobody has held", () =>
    Effect.gen(function*() {
      assert.include((yield* call("other")).stdout, "Nobody is known to have held other.")
    }))
})
