/**
 * `holdfast bench` against a real node: the JSON that others read, over both ways to the node, and that no lock is
 * left behind.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { directory } from "../support/Directory.ts"
import * as RealNode from "../support/RealNode.ts"
import { holdfast } from "../support/running.ts"

layer(RealNode.layer, { excludeTestServices: true, timeout: 60_000 })("holdfast bench", (it) => {
  const call = (...args: ReadonlyArray<string>) =>
    Effect.flatMap(RealNode.RealNode, ({ rpc }) => holdfast(...args, `--nodes=${rpc}`))

  it.effect("tells scripts its figures, over RPC and over HTTP, and leaves no lock behind", () =>
    Effect.gen(function*() {
      for (const way of [[], ["--http", "--hot"]]) {
        const { code, stderr, stdout } = yield* call("bench", "--seconds=1", "--workers=4", "--json", ...way)
        assert.deepStrictEqual([code, stderr], [0, ""])
        const { cyclesPerSecond, p50Ms, p99Ms, p999Ms, ...rest } = JSON.parse(stdout)
        assert.deepStrictEqual(rest, { workers: 4, seconds: 1, errors: 0 })
        assert.isAbove(cyclesPerSecond, 0)
        assert.isTrue(0 < p50Ms && p50Ms <= p99Ms && p99Ms <= p999Ms, stdout)
      }
      assert.deepStrictEqual(JSON.parse((yield* call("locks", "bench/", "--json")).stdout), { locks: [], more: false })
    }))

  it.effect("says why it has measured nothing, and does not tell figures of it", () =>
    Effect.gen(function*() {
      const { rpc } = yield* RealNode.start(yield* directory, { nameBytesMax: "4" })
      const { code, stderr, stdout } = yield* holdfast("bench", "--seconds=1", "--json", `--nodes=${rpc}`)
      assert.deepStrictEqual([code, stdout], [64, ""])
      assert.include(stderr, "`name` must be")
    }))

  it.effect("refuses numbers that make no sense", () =>
    Effect.gen(function*() {
      for (const wrong of ["--workers=0", "--workers=x", "--seconds=0", "--seconds=1.5"]) {
        assert.strictEqual((yield* call("bench", wrong)).code, 64, wrong)
      }
    }))
})
