/**
 * Clients that write without pause: each asks one node, over a connection that is kept, for one lock after
 * another and gives each back. Every acquire and every release is a write of its own, timed from the call
 * to the whole answer.
 */
import { Effect } from "effect"
import type { Reply } from "../../test/e2e/harness/Http.ts"
import { openSession } from "../../test/e2e/harness/Locks.ts"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import * as KeepAlive from "../lib/KeepAlive.ts"
import { nowMillis } from "../lib/Now.ts"

/** Times are of the monotonic clock, in milliseconds. */
export interface Write {
  readonly node: string
  readonly sentAt: number
  readonly answeredAt: number
  /** 200: a majority has it on disk. Anything else is no acknowledgement. */
  readonly status: number
}

export interface Writers {
  /** One more client of a node; it stops with the scope. */
  readonly start: (node: TestNode) => Effect.Effect<void>
  /** All writes that have been answered, in that order. */
  readonly writes: ReadonlyArray<Write>
  /** When the writes were sent that have no answer yet. */
  readonly open: () => ReadonlyArray<number>
}

const sessionTtlMs = 600_000

/** Clients that have stopped may hold a lock still. */
let generations = 0

/** Clients of these nodes under a session of their own. */
export const make = Effect.fnUntraced(function*(nodes: readonly [TestNode, ...ReadonlyArray<TestNode>]) {
  const session = yield* openSession(nodes[0], sessionTtlMs, "bench")
  const clients = new Map<string, KeepAlive.KeepAlive>()
  for (const { host = "127.0.0.1", httpPort, nodeId } of nodes) {
    clients.set(nodeId, yield* KeepAlive.make(host, httpPort))
  }
  const writes: Array<Write> = []
  const open = new Set<{ readonly sentAt: number }>()
  const scope = yield* Effect.scope
  const generation = generations += 1
  let count = 0

  const timed = Effect.fnUntraced(function*(nodeId: string, path: string, body: object) {
    const client = clients.get(nodeId)
    if (client === undefined) return yield* Effect.die(new Error(`no client of ${nodeId}`))
    const sentAt = nowMillis()
    const mark = { sentAt }
    open.add(mark)
    const { body: answer, status } = yield* client.call("POST", path, body).pipe(
      Effect.orElseSucceed(() => noReply)
    )
    open.delete(mark)
    writes.push({ node: nodeId, sentAt, answeredAt: nowMillis(), status })
    return answer["token"]
  })
  const cycle = Effect.fnUntraced(function*(nodeId: string) {
    const path = `/v1/locks/bench%2F${generation}%2F${count += 1}`
    const token = yield* timed(nodeId, `${path}/acquire`, { session })
    if (token !== undefined) yield* timed(nodeId, `${path}/release`, { session, token })
  })
  return {
    start: ({ nodeId }) => Effect.asVoid(Effect.forkIn(Effect.forever(cycle(nodeId)), scope)),
    writes,
    open: () => Array.from(open, ({ sentAt }) => sentAt)
  } satisfies Writers
})

const noReply: Reply = { status: 0, body: {} }
