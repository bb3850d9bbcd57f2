/**
 * What is done to the network between nodes that have one of their own each: cables pulled, packets lost between some
 * and in one direction only. No connection is closed by it, and nobody is told. Each is over when its effect ends.
 */
import { Effect, Random } from "effect"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import type { Cable } from "../lib/Namespaces.ts"
import type { Fault } from "./Faults.ts"
import { leaderOf } from "./Looking.ts"

const cutMillisMin = 200
const cutMillisMax = 5_000
const flapMillisMax = 400
const flapsMax = 6

const someMillis = (max: number) =>
  Effect.flatMap(Random.nextIntBetween(cutMillisMin, max), (millis) => Effect.sleep(millis))

/** The faults of a cluster whose nodes are at the ends of these cables. */
export const partitions = (cables: ReadonlyArray<Cable>): ReadonlyArray<Fault> => {
  const fault = (name: string, happen: Fault["happen"]): Fault => ({ name, ends: false, happen })
  return [
    fault("cut off from everybody", (nodes) => Effect.flatMap(victim(cables, nodes), cutOff)),
    fault("cut off again and again", (nodes) => Effect.flatMap(victim(cables, nodes), flap)),
    fault(
      "two nodes cut off from each other",
      () => Effect.flatMap(shuffled(cables), ([a, b]) => lost(pairs([a!], [b!], true)))
    ),
    fault(
      "packets to one node lost",
      () => Effect.flatMap(shuffled(cables), ([a, b]) => lost(pairs([a!], [b!], false)))
    ),
    fault(
      "packets of one node to all nodes lost",
      (nodes) => Effect.flatMap(victim(cables, nodes), (one) => lost(pairs([one], without(cables, one), false)))
    ),
    fault(
      "packets of all nodes to one lost",
      (nodes) => Effect.flatMap(victim(cables, nodes), (one) => lost(pairs(without(cables, one), [one], false)))
    ),
    fault("split in two, clients see both", () =>
      Effect.flatMap(shuffled(cables), (all) => {
        const size = Math.ceil(all.length / 2)
        return lost(pairs(all.slice(0, size), all.slice(size), true))
      }))
  ]
}

const shuffled = (cables: ReadonlyArray<Cable>) => Random.shuffle(cables)

const without = (cables: ReadonlyArray<Cable>, one: Cable): ReadonlyArray<Cable> =>
  cables.filter((other) => other !== one)

/** Half of the time the leader's, because there it hurts. */
const victim = Effect.fnUntraced(function*(cables: ReadonlyArray<Cable>, nodes: ReadonlyArray<TestNode>) {
  const leader = yield* leaderOf(nodes)
  const cable = cables.find(({ site }) => site.host === leader?.host)
  const [somebody] = yield* shuffled(cables)
  return cable !== undefined && (yield* Random.nextBoolean) ? cable : somebody!
})

const cutOff = (cable: Cable): Effect.Effect<void> => during(someMillis(cutMillisMax), [cable.pull], [cable.plug])

const flap = Effect.fnUntraced(function*(cable: Cable) {
  const flaps = yield* Random.nextIntBetween(2, flapsMax)
  for (let flapped = 0; flapped < flaps; flapped += 1) {
    yield* during(someMillis(flapMillisMax), [cable.pull], [cable.plug])
    yield* someMillis(flapMillisMax)
  }
})

type Pair = readonly [from: Cable, to: Cable]

const pairs = (some: ReadonlyArray<Cable>, others: ReadonlyArray<Cable>, isBothWays: boolean): ReadonlyArray<Pair> =>
  some.flatMap((from) => others.flatMap((to): Array<Pair> => isBothWays ? [[from, to], [to, from]] : [[from, to]]))

const lost = (between: ReadonlyArray<Pair>): Effect.Effect<void> =>
  during(
    someMillis(cutMillisMax),
    between.map(([from, to]) => () => from.block(to.site.host)),
    between.map(([from, to]) => () => from.unblock(to.site.host))
  )

/** Mended whatever happens: a run that is interrupted leaves no packet lost. */
const during = (
  time: Effect.Effect<void>,
  begin: ReadonlyArray<() => void>,
  end: ReadonlyArray<() => void>
): Effect.Effect<void> =>
  Effect.acquireUseRelease(
    Effect.sync(() => begin.forEach((act) => act())),
    () => time,
    () => Effect.sync(() => end.forEach((act) => act()))
  )
