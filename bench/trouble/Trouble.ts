/**
 * One fault or operation after another, drawn at random, until the time is up; and an account of all of them. For
 * the last part of a run it may end no process, so that there are processes old enough to tell whether they grow.
 */
import { Console, Effect, Random } from "effect"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { nowMillis } from "../lib/Now.ts"
import type { Fault as Seen } from "../load/Recorder.ts"
import type { Fault } from "./Faults.ts"
import type { Operation } from "./Operations.ts"

/** How often something was done, how often it was refused, and why the last time. */
export interface Deed {
  done: number
  refused: number
  lastRefusal: string | null
}

/** What can be done to a cluster, and what has been. Without operations it is about the network, and starts no node. */
export interface Account {
  readonly faults: ReadonlyArray<Fault>
  readonly operations: ReadonlyArray<Operation>
  readonly deeds: Map<string, Deed>
  /** Nodes that ended though nobody had ended them. */
  readonly deaths: Array<Seen>
}

export const make = (faults: ReadonlyArray<Fault>, operations: ReadonlyArray<Operation>): Account => ({
  faults,
  operations,
  deeds: new Map([...faults, ...operations].map(({ name }) => [name, { done: 0, refused: 0, lastRefusal: null }])),
  deaths: []
})

const pauseMillisMin = 300
const pauseMillisMax = 3_000
const operationShare = 0.4

/** Until `overAt`; from `calmAt` on nothing that ends a process. */
export const cause = Effect.fnUntraced(function*(
  account: Account,
  nodes: ReadonlyArray<TestNode>,
  { calmAt, overAt }: { readonly calmAt: number; readonly overAt: number }
) {
  while (nowMillis() < overAt) {
    yield* Effect.sleep(yield* Random.nextIntBetween(pauseMillisMin, pauseMillisMax))
    if (account.operations.length > 0) yield* startDead(account, nodes)
    const mayEnd = nowMillis() < calmAt
    const share = account.operations.length === 0 ? 0 : operationShare
    yield* (yield* Random.next) < share ? operate(account, nodes, mayEnd) : hurt(account, nodes, mayEnd)
  }
  if (account.operations.length > 0) yield* startDead(account, nodes)
})

const draw = <A>(from: ReadonlyArray<A>): Effect.Effect<A> =>
  Effect.map(Random.nextIntBetween(0, from.length - 1), (at) => from[at]!)

const hurt = Effect.fnUntraced(function*(account: Account, nodes: ReadonlyArray<TestNode>, mayEnd: boolean) {
  const { happen, name } = yield* draw(account.faults.filter(({ ends }) => mayEnd || !ends))
  yield* happen(nodes)
  note(account, name, null)
  yield* Console.error(name)
})

const operate = Effect.fnUntraced(function*(account: Account, nodes: ReadonlyArray<TestNode>, mayEnd: boolean) {
  const { happen, name } = yield* draw(account.operations.filter(({ ends }) => mayEnd || !ends))
  const refusal = yield* happen(nodes)
  note(account, name, refusal)
  yield* Console.error(refusal === null ? name : `${name}: ${refusal}`)
})

const note = ({ deeds }: Account, name: string, refusal: string | null): void => {
  const deed = deeds.get(name)
  if (deed === undefined) return
  if (refusal === null) deed.done += 1
  else {
    deed.refused += 1
    deed.lastRefusal = refusal
  }
}

const startDead = ({ deaths }: Account, nodes: ReadonlyArray<TestNode>) =>
  Effect.forEach(
    nodes.filter((node) => !node.isRunning()),
    (node) => {
      const lastWords = node.process().stderr().trimEnd().split("\n").slice(-3).join(" / ")
      deaths.push({ rule: "node ended by itself", message: `${node.nodeId}: ${lastWords}` })
      return node.start
    },
    { discard: true }
  )
