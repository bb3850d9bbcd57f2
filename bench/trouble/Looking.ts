/**
 * What the nodes of a soak say of themselves. A node that does not answer in time says nothing.
 */
import { Effect } from "effect"
import type { Status } from "../../src/api/Cluster.ts"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"

const answerMillisMax = 1_000

export const statusOf = (node: TestNode): Effect.Effect<Status | null> =>
  node.status.pipe(
    Effect.timeout(answerMillisMax),
    Effect.orElseSucceed(() => null)
  )

/** The node that leads in the highest term, if any says that it does. */
export const leaderOf = Effect.fnUntraced(function*(nodes: ReadonlyArray<TestNode>) {
  const looked = yield* Effect.forEach(nodes, (node) => Effect.map(statusOf(node), (status) => ({ node, status })), {
    concurrency: "unbounded"
  })
  const leading = looked.filter(({ status }) => status?.state === "LEADER")
  return leading.toSorted((a, b) => (b.status?.term ?? 0) - (a.status?.term ?? 0))[0]?.node ?? null
})
