/**
 * One leader lost. What is measured: the time from just before the strike until a client of a node that is
 * left has the whole answer 200 to a write that was *sent after* the strike, so that no answer of the old
 * leader can be taken for one of the new.
 */
import { Effect, Random } from "effect"
import { type Roles, settled } from "../../test/e2e/harness/TestCluster.ts"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { until } from "../../test/e2e/harness/Until.ts"
import { caughtUp } from "../lib/BenchCluster.ts"
import * as Machine from "../lib/Machine.ts"
import { nowMillis } from "../lib/Now.ts"
import * as Parting from "./Parting.ts"
import { type Stages, stagesSince } from "./Stages.ts"
import type { Strike } from "./Strike.ts"
import * as Writers from "./Writers.ts"

export interface Trial {
  readonly struck: string
  readonly next: string
  readonly terms: readonly [before: number, after: number]
  /** Until the first acknowledged write, and until every node that is left has acknowledged one. */
  readonly firstMillis: number
  readonly everyMillis: number
  /** What became of the writes that were on their way at the strike. */
  readonly inFlight: { readonly acknowledged: number; readonly unknown: number }
  readonly stages: Stages
  /** Until the kernel had closed the leader's connections; null while they stand. */
  readonly goneMillis: number | null
  /** How long the youngest node that is left had run, and how busy the machine was before the clients began. */
  readonly youngestMillis: number
  readonly busyBefore: number
  readonly writesPerSecond: number
}

const writingMillisMin = 500
const writingMillisMax = 1_000
const answerMillisMax = 30_000

/** Waits until the cluster is whole and the machine quiet, strikes, measures, and mends. */
export const run = (nodes: ReadonlyArray<TestNode>, strike: Strike) =>
  Effect.gen(function*() {
    const roles = yield* caughtUp(nodes)
    const busyBefore = yield* Machine.quiet
    const trial = yield* Effect.scoped(measure(roles, strike, busyBefore))
    yield* strike.mend(roles.leader)
    return trial
  })

const measure = Effect.fnUntraced(function*({ followers, leader, term }: Roles, strike: Strike, busyBefore: number) {
  const [one, ...others] = followers
  if (one === undefined) return yield* Effect.die(new Error("nobody would be left"))
  const writers = yield* Writers.make([one, ...others])
  const parting = yield* Parting.watch(leader)
  yield* Effect.forEach(followers, writers.start)
  const writingMillis = yield* Random.nextIntBetween(writingMillisMin, writingMillisMax)
  yield* Effect.sleep(writingMillis)
  const written = writers.writes.length
  const youngestMillis = Math.min(...(yield* Effect.forEach(followers, ({ status }) => status)).map((s) => s.uptimeMs))
  const wallClock = Date.now()
  const struckAt = nowMillis()
  strike.hit(leader)
  const hitAt = nowMillis()
  yield* Effect.forEach(followers, writers.start)
  const everyMillis = yield* untilAcknowledged(writers, followers, hitAt)
  const after = yield* settled(followers)
  const stages = stagesSince(followers, wallClock)
  const goneAt = parting.at()
  return {
    struck: leader.nodeId,
    next: after.leader.nodeId,
    terms: [term, after.term],
    firstMillis: Math.min(...firstAnswers(writers, followers, hitAt)) - struckAt,
    everyMillis: everyMillis - struckAt,
    inFlight: inFlightAt(writers, hitAt),
    stages,
    goneMillis: goneAt === null ? null : goneAt - struckAt,
    youngestMillis,
    busyBefore,
    writesPerSecond: Math.round(1_000 * written / writingMillis)
  } satisfies Trial
})

/** When each of these first acknowledged a write that was sent after a moment; Infinity if it has not. */
const firstAnswers = ({ writes }: Writers.Writers, nodes: ReadonlyArray<TestNode>, after: number) =>
  nodes.map(({ nodeId }) =>
    writes.find(({ node, sentAt, status }) => node === nodeId && sentAt >= after && status === 200)?.answeredAt ??
      Infinity
  )

const untilAcknowledged = (writers: Writers.Writers, nodes: ReadonlyArray<TestNode>, after: number) =>
  Effect.orDie(until(
    "every node that is left has acknowledged a write",
    Effect.sync(() => {
      const last = Math.max(...firstAnswers(writers, nodes, after))
      return last === Infinity ? null : last
    }),
    answerMillisMax
  ))

const inFlightAt = ({ writes }: Writers.Writers, at: number): Trial["inFlight"] => {
  const caught = writes.filter(({ answeredAt, sentAt }) => sentAt < at && answeredAt >= at)
  const acknowledged = caught.filter(({ status }) => status === 200).length
  return { acknowledged, unknown: caught.length - acknowledged }
}
