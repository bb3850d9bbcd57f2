/**
 * Nodes of two versions of the protocol in one cluster: whoever leads, it serves, and its nodes are
 * replaced one by one by those of the next release while it does.
 */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { Versions } from "../../src/node/transport/Preamble.ts"
import { ourVersions } from "../../src/node/transport/Protocol.ts"
import type { NodeId } from "../../src/raft/Membership.ts"
import { clusterTest, during, makeCluster, pass, wanted } from "./Cluster.ts"

const old: Versions = { oldest: 1, newest: 1 }

type Cluster = Effect.Success<ReturnType<typeof makeCluster>>

const up = ({ ids, isUp }: Cluster) => ids.filter(isUp)

/** Takes a lock by way of each node in turn, and keeps it for long. */
const takeLocks = Effect.fnUntraced(function*(cluster: Cluster, held: Map<string, number>) {
  for (const id of up(cluster)) {
    const name = `lock-${held.size}`
    const { token } = yield* during(cluster.at(id).locks.acquire(name, { ...wanted, ttlMs: 600_000 }))
    held.set(name, token)
  }
})

/** All that was promised is so, whichever node is asked; and no token was given twice. */
const expectHeld = Effect.fnUntraced(function*(cluster: Cluster, held: ReadonlyMap<string, number>) {
  for (const id of up(cluster)) {
    for (const [name, token] of held) {
      const { holders } = yield* during(cluster.at(id).locks.get(name, "linearizable"))
      assert.deepStrictEqual(holders.map((holder) => holder.token), [token])
    }
  }
  assert.deepStrictEqual([...held.values()], [...new Set(held.values())].toSorted((a, b) => a - b))
})

/** The leader dies, and comes back when another one has been elected and has served. */
const replaceDead = Effect.fnUntraced(function*(
  cluster: Cluster,
  leader: NodeId,
  held: Map<string, number>,
  versions: Versions
) {
  yield* cluster.crash(leader)
  yield* cluster.elect
  yield* takeLocks(cluster, held)
  yield* cluster.start(leader, versions)
  yield* pass(500)
})

/** The leader falls silent; then any of the others may be next, and not only the one whose slot is the earliest. */
const replaceSilent = Effect.fnUntraced(function*({ network, others }: Cluster, leader: NodeId) {
  yield* network.isolate(leader, { silent: true })
  yield* pass(2000)
  for (const other of others(leader)) yield* network.repair(leader, other)
  yield* pass(1000)
})

/** Replaces leaders until each node has been one. */
const expectEachToLead = Effect.fnUntraced(function*(
  cluster: Cluster,
  held: Map<string, number>,
  versionsOf: (id: NodeId) => Versions
) {
  const leaders = new Set<NodeId>()
  for (let rounds = 0; rounds < 30 && leaders.size < cluster.ids.length; rounds++) {
    const leader = yield* cluster.elect
    leaders.add(leader)
    yield* takeLocks(cluster, held)
    yield* rounds % 3 === 0 ? replaceDead(cluster, leader, held, versionsOf(leader)) : replaceSilent(cluster, leader)
  }
  assert.sameMembers([...leaders], [...cluster.ids])
  yield* expectHeld(cluster, held)
})

describe("a cluster of two versions of the protocol elects, replicates and fails over, whoever leads", () => {
  const combinations = [[true, false, false], [false, true, true], [false, false, true], [true, true, true]] as const
  for (const isOld of combinations) {
    const versionsAt = (at: number) => isOld[at] ? old : ourVersions
    const described = isOld.map((is) => is ? "old" : "new").join(", ")
    clusterTest(`with nodes that are ${described}`, function*() {
      const cluster = yield* makeCluster(3, versionsAt)
      yield* expectEachToLead(cluster, new Map(), (id) => versionsAt(cluster.ids.indexOf(id)))
    }, 60_000)
  }
})

/** Of the commands in the log: a release that came with version 2 of the protocol reads format 3 as well. */
const formatsOf = ({ disk, ids }: Cluster): ReadonlyArray<number> =>
  disk(ids[0]!).stored().entries.flatMap(({ payload }) => payload._tag === "Command" ? [payload.bytes[0]!] : [])

describe("leadership", () => {
  clusterTest("is handed to no node of the old version, and that is said at once", function*() {
    const cluster = yield* makeCluster(3, (at: number) => at === 0 ? old : ourVersions)
    const [first, ...others] = cluster.ids
    while ((yield* cluster.elect) === first) yield* replaceSilent(cluster, first)
    for (let moved = 0; moved < 3; moved++) {
      const { node } = cluster.at(yield* cluster.elect)
      assert.deepStrictEqual(yield* during(node.administer({ _tag: "Transfer", to: first! }), 100), {
        _tag: "Refused",
        reason: "unreachable"
      })
      assert.strictEqual((yield* during(node.administer({ _tag: "Transfer", to: null })))._tag, "Done")
      assert.include(others, yield* cluster.elect)
    }
  })
})

describe("a rolling upgrade", () => {
  clusterTest("costs no lock and no service: nodes of the old version are replaced one by one", function*() {
    const cluster = yield* makeCluster(3, () => old)
    const held = new Map<string, number>()
    yield* cluster.elect
    for (const id of cluster.ids) {
      yield* takeLocks(cluster, held)
      yield* cluster.crash(id)
      yield* takeLocks(cluster, held)
      yield* cluster.start(id, ourVersions)
      yield* takeLocks(cluster, held)
    }
    assert.lengthOf([...held], 24)
    yield* expectHeld(cluster, held)
    // And from now on nobody needs the old version.
    yield* expectEachToLead(cluster, held, () => ({ oldest: 2, newest: 2 }))
    assert.strictEqual(formatsOf(cluster).at(-1), 3)
  }, 60_000)

  clusterTest("can be taken back while any old node is left", function*() {
    const cluster = yield* makeCluster(3, (at: number) => at === 0 ? old : ourVersions)
    const held = new Map<string, number>()
    yield* cluster.elect
    yield* takeLocks(cluster, held)
    for (const id of cluster.ids.slice(1)) {
      yield* cluster.crash(id)
      yield* takeLocks(cluster, held)
      yield* cluster.start(id, old)
      yield* takeLocks(cluster, held)
    }
    yield* expectHeld(cluster, held)
    assert.deepStrictEqual([...new Set(formatsOf(cluster))], [1])
  })
})
