/**
 * The clients of a load. Workers contend for a few locks, hold each for a moment and give it back; keepers hold one
 * through many faults and renew it; some hang up, and some stand still for longer than their lease lasts. Readers look.
 */
import { Effect, Random } from "effect"
import * as Http from "./HttpClient.ts"
import type { Grant } from "./Judging.ts"

type Ground = Http.Ground

export const contended = ["a", "b", "c", "d/é", "e"]

const waitMillisMax = 1_000
const holdMillisMax = 40
const lookMillis = 250
const keptMillisMax = 30_000
const workerTtlMillis = 3_000
const keeperTtlMillis = 8_000

export const within = (share: number) => Effect.map(Random.next, (drawn) => drawn < share)

export const oneOf = <A>(all: ReadonlyArray<A>): Effect.Effect<A> =>
  Effect.map(Random.nextIntBetween(0, all.length - 1), (at) => all[at]!)

/** One client, one session after another, until the run is over. */
const live = (
  ground: Ground,
  client: string,
  ttlMillis: number,
  work: (session: Http.Session) => Effect.Effect<void>
) =>
  Effect.gen(function*() {
    while (!ground.isOver) {
      const session = yield* Http.open(ground, client, ttlMillis)
      while (!ground.isOver && !session.isLost) {
        if (isDue(ground, session)) yield* Http.renew(ground, session)
        if (!session.isLost) yield* work(session)
      }
    }
  })

/** Renewed when a quarter of its TTL has run: one that meets a frozen node costs no lease. */
const isDue = ({ recorder }: Ground, { livesUntil, ttlMillis }: Http.Session): boolean =>
  livesUntil - recorder.now() < 0.75 * ttlMillis * 1e6

export const worker = (ground: Ground, client: string) =>
  live(
    ground,
    client,
    workerTtlMillis,
    Effect.fnUntraced(function*(session) {
      const lock = yield* oneOf(contended)
      if (yield* within(0.03)) return yield* Http.hangUp(ground, session, lock, yield* Random.nextIntBetween(1, 60))
      const waitMs = (yield* Random.nextBoolean) ? 0 : yield* Random.nextIntBetween(1, waitMillisMax)
      const held = yield* Http.acquire(ground, session, lock, waitMs)
      if (held === undefined && (yield* within(0.1))) yield* releaseWhatIsNotOurs(ground, session, lock)
      if (held === undefined) return yield* Effect.sleep(yield* Random.nextIntBetween(0, holdMillisMax))
      if (yield* within(0.3)) yield* Http.look(ground, session, lock)
      yield* Effect.sleep(yield* Random.nextIntBetween(0, holdMillisMax))
      if (yield* within(0.01)) return yield* standStill(ground, session, held)
      if (yield* within(0.2)) yield* Http.renew(ground, session, held)
      if (session.isLost) return
      yield* Http.release(ground, session, held)
      if (yield* within(0.3)) yield* Http.look(ground, session, lock)
    })
  )

/** A client that mistakes the token of another for its own: it must be refused, and free nothing. */
const releaseWhatIsNotOurs = Effect.fnUntraced(function*(ground: Ground, session: Http.Session, lock: string) {
  const shown = yield* Http.look(ground, session, lock)
  if (shown !== undefined) yield* Http.release(ground, session, { ...shown, owner: `${session.client} by mistake` })
})

/** A client that was frozen: it comes back to a lease that may be over, and acts as if it were not. */
const standStill = Effect.fnUntraced(function*(ground: Ground, session: Http.Session, held: Grant) {
  yield* Effect.sleep(workerTtlMillis + (yield* Random.nextIntBetween(-500, 1_500)))
  if (yield* Random.nextBoolean) yield* Http.renew(ground, session, held)
  yield* Http.release(ground, session, held)
})

export const keeper = (ground: Ground, client: string) =>
  live(
    ground,
    client,
    keeperTtlMillis,
    Effect.fnUntraced(function*(session) {
      const held = yield* Http.acquire(ground, session, `kept by ${client}`, waitMillisMax)
      if (held === undefined) return
      const looks = yield* Random.nextIntBetween(1, keptMillisMax / lookMillis)
      for (let look = 0; look < looks && !ground.isOver && !session.isLost; look += 1) {
        yield* Effect.sleep(lookMillis)
        yield* Http.look(ground, session, held.name)
        if (isDue(ground, session)) yield* Http.renew(ground, session, held)
      }
      if (!session.isLost) yield* Http.release(ground, session, held)
    })
  )

/** Looks at everything, and has no session of its own to lose. */
export const reader = Effect.fnUntraced(function*(ground: Ground, client: string) {
  const none = { client, id: "", ttlMillis: 0, seq: 0, owners: 0, livesUntil: 0, isLost: false }
  while (!ground.isOver) {
    yield* Http.look(ground, none, yield* oneOf([...contended, "kept by keeper1"]))
    yield* Effect.sleep(yield* Random.nextIntBetween(5, 50))
  }
})

const roundWaitMillis = 2_500
const roundTriesMax = 10

/** After all trouble: each lock is had once more. Returns how long that took, in milliseconds. */
export const lastRound = Effect.fnUntraced(function*(ground: Ground) {
  const startedAt = ground.recorder.now()
  const session = yield* Http.open(ground, "last round", keeperTtlMillis)
  for (const lock of contended) {
    let held: Grant | undefined
    for (let tries = 0; held === undefined && tries < roundTriesMax; tries += 1) {
      yield* Http.renew(ground, session)
      held = yield* Http.acquire(ground, session, lock, roundWaitMillis)
    }
    if (held === undefined) ground.recorder.fault("unanswered request", `nobody could get ${lock} after all trouble`)
    else yield* Http.release(ground, session, held)
  }
  return (ground.recorder.now() - startedAt) / 1e6
})
