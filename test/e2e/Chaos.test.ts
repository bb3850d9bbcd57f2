/**
 * Chaos for some seconds, as `npm run chaos` makes it for as long as one likes: real processes and, where the machine
 * lets us, real partitions; and a history of what clients were told that has an order.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chaos } from "../../bench/chaos/Chaos.ts"
import { format } from "../../bench/chaos/Report.ts"

const seconds = 12
/** A machine that is busy with other things takes long to start nodes again. */
const timeoutMillis = 240_000

describe("a cluster in trouble", () => {
  it.live(`tells its clients nothing in ${seconds} seconds that cannot be true`, () =>
    Effect.gen(function*() {
      const run = yield* chaos({ minutes: seconds / 60, nodes: 3, seed: "ci" })
      assert.match(format(run), /\nClean: nothing was found$/)
      assert.isAbove([...run.deeds.values()].reduce((sum, { done }) => sum + done, 0), 0)
    }), timeoutMillis)
})
