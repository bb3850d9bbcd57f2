/**
 * Nodes, links and disks fail at random while clients ask for locks and hang up. When all is well again,
 * everything is as the callers were told, and nobody holds or waits whose caller has gone.
 *
 * Every seed is one history, the same each time it is run.
 */
import { assert, describe } from "@effect/vitest"
import { Effect, Option, Random } from "effect"
import { TestClock } from "effect/testing"
import type { NodeId } from "../../src/raft/Membership.ts"
import { clusterTest, during, makeCluster, wanted } from "./Cluster.ts"

type Cluster = Effect.Success<ReturnType<typeof makeCluster>>

/** A request of a client to one node. */
type Client = (asked: NodeId, name: string) => Effect.Effect<void>

const seeds = [1, 2, 3, 4]

// No lease ends by itself while a history lasts, so what is left behind is seen.
const lasting = { ...wanted, ttlMs: 86_400_000 }

const below = (limit: number) => Random.nextIntBetween(0, limit - 1)

/** One more thing goes wrong with links and disks, or right again. */
const meddle = Effect.fnUntraced(function*({ disk, ids, network }: Cluster) {
  const at = yield* below(ids.length)
  const [one, other] = [ids[at]!, ids[(at + 1) % ids.length]!]
  const verbs = [
    network.partition(one, other, { silent: yield* Random.nextBoolean }),
    network.hold(one, other),
    network.hold(other, one),
    network.delay(one, other, yield* below(200)),
    network.repair(one, other),
    Effect.sync(() => disk(one).trouble("full")),
    Effect.sync(() => disk(one).trouble(null))
  ]
  yield* verbs[yield* below(verbs.length)]!
})

const heal = Effect.fnUntraced(function*({ disk, ids, isUp, network, others, start }: Cluster) {
  for (const id of ids) {
    disk(id).trouble(null)
    for (const other of others(id)) yield* network.repair(id, other)
    if (!isUp(id)) yield* start(id)
  }
})

const cutAll = ({ ids, network }: Cluster) =>
  Effect.forEach(ids, (id) => network.isolate(id, { silent: true }), { discard: true })

/**
 * Clients ask at every node that is up while things happen; then all is well for longer than anybody waits. In
 * between there is a time in which nobody can lead, so that there are refusals in every history.
 */
const history = Effect.fnUntraced(function*<E, R>(cluster: Cluster, happen: Effect.Effect<void, E, R>, client: Client) {
  for (let step = 0; step < 250; step++) {
    if (step === 100) yield* Effect.andThen(heal(cluster), cutAll(cluster))
    if (step === 200) yield* heal(cluster)
    if ((step < 100 || step > 200) && (yield* below(8)) === 0) yield* happen
    for (const id of cluster.ids) {
      if (!cluster.isUp(id) || (yield* below(5)) > 0) continue
      yield* Effect.forkChild(client(id, `${step} at ${id}`), { startImmediately: true })
    }
    yield* TestClock.adjust(yield* below(60))
  }
  yield* heal(cluster)
  yield* TestClock.adjust(60_000)
})

/** What became of requests for locks that nobody else asks for: a token, what was said instead, or nothing yet. */
type Told = Map<string, number | string | null>

const crashOrStart = Effect.fnUntraced(function*(cluster: Cluster, told: Told) {
  const id = cluster.ids[yield* below(cluster.ids.length)]!
  if (!cluster.isUp(id)) return yield* cluster.start(id)
  yield* cluster.crash(id)
  for (const [name, what] of told) if (what === null && name.endsWith(id)) told.set(name, "OutcomeUnknown")
})

describe("what callers were told", () => {
  for (const seed of seeds) {
    clusterTest(`is so, in history ${seed}`, function*() {
      const cluster = yield* makeCluster(3)
      const { locks } = cluster.at(yield* cluster.elect)
      const { session } = yield* during(locks.openSession({ ttlMs: 86_400_000, label: "" }))
      const told: Told = new Map()
      const happen = Effect.flatMap(below(3), (one) => one === 0 ? crashOrStart(cluster, told) : meddle(cluster))
      yield* history(cluster, happen, (asked, name) => {
        told.set(name, null)
        return cluster.at(asked).locks.acquire(name, { ...lasting, session }).pipe(
          Effect.match({ onFailure: ({ _tag }) => _tag, onSuccess: ({ token }) => token }),
          Effect.map((what) => void told.set(name, what))
        )
      })
      const found = yield* tokens(cluster)
      assert.strictEqual(new Set(found.values()).size, found.size, "no token is given twice")
      for (const [name, what] of told) {
        assert.isNotNull(what, `${name} is answered`)
        if (what === "OutcomeUnknown") continue
        assert.strictEqual(found.get(name), isToken(what) ? what : undefined, `${name}: ${what}`)
      }
      const all = [...told.values()]
      for (const isSeen of [isToken, isRefusal]) assert.isAbove(all.filter(isSeen).length, 3)
    })
  }
})

const isToken = (what: unknown) => typeof what === "number"
const isRefusal = (what: unknown) => what === "NoLeader"

/** The token of every lock that is held. */
const tokens = Effect.fnUntraced(function*(cluster: Cluster) {
  const { locks } = cluster.at(yield* cluster.elect)
  const page = yield* during(locks.list({ limit: 1000, consistency: "linearizable" }))
  assert.isNull(page.cursor)
  return new Map(page.locks.map(({ holders, name }) => [name, holders[0]!.token]))
})

/** Asks for the one lock, hangs up after a while, and gives back what it has got as often as it takes. */
const impatient = (cluster: Cluster, door: Door): Client =>
  Effect.fnUntraced(function*(asked) {
    const { locks } = cluster.at(asked)
    const waitMs = (yield* Random.nextBoolean) ? 0 : 3_600_000
    const answer = yield* Effect.option(locks.acquire("door", { ...lasting, waitMs })).pipe(
      Effect.timeoutOption(yield* below(1500))
    )
    const grant = Option.getOrNull(Option.flatten(answer))
    if (Option.isNone(answer)) door.hangUps += 1
    if (grant === null) return
    door.inside += 1
    door.visits += 1
    assert.strictEqual(door.inside, 1, "nobody else is inside")
    yield* Effect.sleep(yield* below(30))
    door.inside -= 1
    const release = locks.release("door", { session: grant.session, token: grant.token })
    yield* release.pipe(Effect.catchTag("NotHolder", () => Effect.void), Effect.retry({ times: 100 }), Effect.orDie)
  })

interface Door {
  inside: number
  visits: number
  hangUps: number
}

describe("a lock whose callers hang up", () => {
  for (const seed of seeds) {
    clusterTest(`is held by one at a time, and in the end by none, in history ${seed}`, function*() {
      const cluster = yield* makeCluster(3)
      yield* cluster.elect
      const door: Door = { inside: 0, visits: 0, hangUps: 0 }
      yield* history(cluster, meddle(cluster), impatient(cluster, door))
      const { locks } = cluster.at(yield* cluster.elect)
      const { holders, queueLength } = yield* during(locks.get("door", "linearizable"))
      assert.deepStrictEqual([holders, queueLength, door.inside], [[], 0, 0])
      assert.isAbove(Math.min(door.visits, door.hangUps), 3)
    })
  }
})
