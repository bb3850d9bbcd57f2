/**
 * Where client commands look for the cluster: a flag over a variable over the ports of `npm start`.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { resolveNodes } from "../../src/cli/Nodes.ts"

const flag = Option.some

describe("The nodes", () => {
  it.effect("are those of the flag, or of the variable, or of `npm start`", () =>
    Effect.gen(function*() {
      const variables = { HOLDFAST_NODES: "a:1, [::1]:2" }
      assert.deepStrictEqual(yield* resolveNodes(flag("b:3"), variables), [{ host: "b", port: 3 }])
      assert.deepStrictEqual(yield* resolveNodes(Option.none(), variables), [
        { host: "a", port: 1 },
        { host: "::1", port: 2 }
      ])
      for (const none of [{}, { HOLDFAST_NODES: "" }]) {
        const nodes = yield* resolveNodes(Option.none(), none)
        assert.deepStrictEqual(nodes.map(({ port }) => port), [7081, 7082, 7083])
      }
    }))

  it.effect("are refused with the place where they were written", () =>
    Effect.gen(function*() {
      const fromFlag = yield* Effect.flip(resolveNodes(flag("a:1,b"), {}))
      assert.strictEqual(fromFlag.message, `--nodes must be addresses host:port, and "b" is none`)
      const fromVariable = yield* Effect.flip(resolveNodes(Option.none(), { HOLDFAST_NODES: "," }))
      assert.strictEqual(fromVariable.message, `HOLDFAST_NODES must be addresses host:port, and "" is none`)
    }))
})
