/**
 * What an operator does while clients write: hand leadership over, take a snapshot, remove a node and let it join
 * again on an empty disk. Whether it succeeded is told, never passed over.
 */
import { Effect, Random } from "effect"
import { rmSync } from "node:fs"
import type { Reply } from "../../test/e2e/harness/Http.ts"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { until } from "../../test/e2e/harness/Until.ts"
import { leaderOf, statusOf } from "./Looking.ts"

/** Null when it was done; otherwise what the cluster answered. */
type Outcome = string | null

export interface Operation {
  readonly name: string
  /** Whether a process ends by it. */
  readonly ends: boolean
  readonly happen: (nodes: ReadonlyArray<TestNode>) => Effect.Effect<Outcome>
}

const answerMillisMax = 15_000
const promotionMillisMax = 60_000

const ask = (node: TestNode, method: string, path: string, body?: object): Effect.Effect<Reply> =>
  node.request(method, path, body).pipe(
    Effect.timeout(answerMillisMax),
    Effect.orElseSucceed(() => ({ status: 0, body: { title: `no answer within ${answerMillisMax} ms` } }))
  )

const refusal = ({ body, status }: Reply): string => `${status} ${String(body["title"])}: ${String(body["detail"])}`

const outcome = (reply: Reply): Outcome => reply.status === 200 || reply.status === 202 ? null : refusal(reply)

/** Two different nodes: the one an operation is about, and the one that is asked. */
const two = Effect.fnUntraced(function*(nodes: ReadonlyArray<TestNode>) {
  const at = yield* Random.nextIntBetween(0, nodes.length - 1)
  const one = nodes[at]
  const other = nodes[(at + 1) % nodes.length]
  return one && other ? [one, other] as const : yield* Effect.die(new Error("there are no two nodes"))
})

const transfer: Operation = {
  name: "transfer of leadership",
  ends: false,
  happen: Effect.fnUntraced(function*(nodes) {
    const [, asked] = yield* two(nodes)
    return outcome(yield* ask(asked, "POST", "/cluster/leader/transfer", {}))
  })
}

const snapshot: Operation = {
  name: "snapshot",
  ends: false,
  happen: Effect.fnUntraced(function*(nodes) {
    const [, asked] = yield* two(nodes)
    return outcome(yield* ask(asked, "POST", "/cluster/snapshot"))
  })
}

/** Also of the leader: it leads until it is out (§4.2.2). */
const replace: Operation = {
  name: "removal, and joining again on an empty disk",
  ends: true,
  happen: Effect.fnUntraced(function*(nodes) {
    const [node, asked] = yield* two(nodes)
    const others = nodes.filter((other) => other !== node)
    const answer = yield* ask(asked, "DELETE", `/cluster/members/${node.nodeId}`)
    const refused = outcome(answer)
    // Where nobody can say whether it was done, it may have been: then it has to join again all the same.
    if (refused !== null && !(isUnknown(answer) && (yield* isGone(others, node)))) return refused
    if (node.isRunning()) yield* node.kill("SIGTERM")
    yield* Effect.sync(() => rmSync(node.dataDir, { recursive: true, force: true }))
    yield* node.startWith(["--join"])
    return yield* until("it is a voter", isVoter(others, node), promotionMillisMax).pipe(
      Effect.as(null),
      Effect.catch(({ message }) => Effect.succeed(message))
    )
  })
}

const isUnknown = ({ status }: Reply): boolean => status === 0 || status === 504

const decisionMillisMax = 10_000

/** Waits for a while, in which a removal that is under way is done. */
const isGone = (others: ReadonlyArray<TestNode>, { nodeId }: TestNode): Effect.Effect<boolean> => {
  const look = Effect.gen(function*() {
    const leader = yield* leaderOf(others)
    const status = leader === null ? null : yield* statusOf(leader)
    return status?.members.every((member) => member.nodeId !== nodeId) === true ? true : null
  })
  return Effect.isSuccess(until("it is no member any more", look, decisionMillisMax))
}

const isVoter = Effect.fnUntraced(function*(others: ReadonlyArray<TestNode>, { nodeId }: TestNode) {
  const leader = yield* leaderOf(others)
  const status = leader === null ? null : yield* statusOf(leader)
  return status?.members.some((member) => member.nodeId === nodeId && member.voter) ? true : null
})

export const operations: ReadonlyArray<Operation> = [transfer, transfer, snapshot, replace]
