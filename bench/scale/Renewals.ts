/**
 * Very many sessions that do nothing but live: what their renewals cost the leader. Each is renewed when a third of its
 * TTL has passed, as the client library does, and each by an operation of its own; they are spread evenly over time.
 */
import { Console, Effect } from "effect"
import type { SessionId } from "../../src/api/Fields.ts"
import * as BenchCluster from "../lib/BenchCluster.ts"
import * as Inside from "./Inside.ts"
import * as Sessions from "./Sessions.ts"
import * as Talk from "./Talk.ts"

export interface Options {
  readonly sessions: number
  /** Sessions are shared out evenly among so many. */
  readonly connections: number
  readonly ttlMillis: number
  readonly seconds: number
  readonly rounds: number
}

export interface Run {
  /** Of one core, 0 to 1 and beyond. */
  readonly leaderShare: number
  readonly followerShare: number
  readonly renewalsPerSecond: number
}

export interface Results extends Options {
  /** Before there was any session. */
  readonly idleLeaderShare: number
  /** Sessions that were not renewed in time. */
  readonly ended: number
  readonly runs: ReadonlyArray<Run>
}

export const measure = Effect.fnUntraced(function*(options: Options) {
  const nodes = yield* BenchCluster.make([1, 2, 3].map(() => BenchCluster.loopback))
  const { followers: [follower], leader } = yield* BenchCluster.caughtUp(nodes)
  if (follower === undefined) return yield* Effect.die(new Error("there is no follower"))
  const [address = ""] = BenchCluster.addressesOf([leader])
  const idleLeaderShare = yield* Inside.coreShare(leader, options.seconds)
  const join = joining(address, options)
  yield* Effect.forEach(Array.from({ length: options.connections }), () => join, { concurrency: connecting })
  yield* Effect.sleep(options.ttlMillis)
  const runs: Array<Run> = []
  for (let run = 1; run <= options.rounds; run++) {
    const before = yield* Inside.metric(leader, "session_renewals_total")
    const [leaderShare, followerShare] = yield* Effect.all(
      [Inside.coreShare(leader, options.seconds), Inside.coreShare(follower, options.seconds)],
      { concurrency: 2 }
    )
    const renewals = (yield* Inside.metric(leader, "session_renewals_total")) - before
    const renewalsPerSecond = renewals / options.seconds
    yield* Console.error(
      `${run}/${options.rounds} ${renewalsPerSecond.toFixed(0)} renewals/s, leader ${(100 * leaderShare).toFixed(1)} %`
    )
    runs.push({ leaderShare, followerShare, renewalsPerSecond })
  }
  const ended = options.sessions - (yield* Inside.metric(leader, "sessions"))
  if (ended > 0) yield* Console.error(`${ended} sessions have ended: the load or the cluster has not kept up`)
  return { ...options, idleLeaderShare, ended, runs } satisfies Results as Results
}, Effect.scoped)

/** One connection with its part of the sessions, which it begins to renew as soon as they are there. */
const joining = Effect.fnUntraced(function*(address: string, { connections, sessions, ttlMillis }: Options) {
  const talk = yield* Talk.make(address)
  const opened = yield* Sessions.open(talk, sessions / connections, ttlMillis)
  yield* Effect.forkScoped(renewing(talk, opened, ttlMillis / 3))
})

/** So many connections are made at a time. */
const connecting = 16

/** One after the other, so that each has its turn once in a period. */
const renewing = Effect.fnUntraced(
  function*(talk: Talk.Talk, sessions: ReadonlyArray<SessionId>, periodMillis: number) {
    yield* Effect.sleep(Math.random() * periodMillis / sessions.length)
    const since = performance.now()
    for (let turn = 0; true; turn++) {
      const session = sessions[turn % sessions.length]!
      yield* talk.tell((id) => [{ session, operations: [{ _tag: "RenewSession", id: id() }] }], heardOnly)
      const next = since + (turn + 1) * periodMillis / sessions.length
      yield* Effect.sleep(Math.max(0, next - performance.now()))
    }
  }
)

/** What is refused is seen in the counters of the leader, and in the sessions that have ended. */
const heardOnly = (): void => {}
