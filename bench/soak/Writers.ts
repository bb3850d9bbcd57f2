/**
 * The clients of a soak. Workers contend for a few locks, hold each for a moment and give it back; keepers hold a
 * lock of their own through many faults and ask again and again whether it is still theirs. Nobody pauses.
 */
import { Effect, Fiber, Random } from "effect"
import * as Client from "./Client.ts"

const contended = ["a", "b", "c", "d/é", "e"]
const waitMillisMax = 1_000
const holdMillisMax = 40
const lookMillis = 250
const keptMillisMax = 30_000

/** One client, one session after another, until the run is over. */
const live = (
  ground: Client.Ground,
  client: string,
  work: (session: Client.Session) => Effect.Effect<void>
) =>
  Effect.gen(function*() {
    while (!ground.isOver) {
      const session = yield* Client.open(ground, client)
      if (session.isLost) continue
      const renewals = yield* Effect.forkChild(renewing(ground, client, session))
      while (!ground.isOver && !session.isLost) yield* work(session)
      session.isLost = true
      yield* Fiber.join(renewals)
    }
  })

/** Four renewals in a TTL: one that meets a frozen node costs no lease. */
const renewing = Effect.fnUntraced(function*(ground: Client.Ground, client: string, session: Client.Session) {
  while (!ground.isOver && !session.isLost) {
    yield* Effect.sleep(ground.ttlMillis / 4)
    if (!session.isLost) yield* Client.renew(ground, client, session)
  }
})

export const worker = (ground: Client.Ground, client: string) =>
  live(
    ground,
    client,
    Effect.fnUntraced(function*(session) {
      const lock = contended[yield* Random.nextIntBetween(0, contended.length - 1)] ?? "a"
      const waitMs = (yield* Random.nextBoolean) ? 0 : yield* Random.nextIntBetween(1, waitMillisMax)
      const { answer, token } = yield* Client.acquire(ground, client, session, lock, waitMs)
      if (answer !== "ok" || token === null) return
      if (yield* Random.nextBoolean) yield* Client.check(ground, client, session, lock, token)
      yield* Effect.sleep(yield* Random.nextIntBetween(0, holdMillisMax))
      yield* Client.release(ground, client, session, lock, token)
      if (yield* Random.nextBoolean) yield* Client.check(ground, client, session, lock, token)
    })
  )

export const keeper = (ground: Client.Ground, client: string) =>
  live(
    ground,
    client,
    Effect.fnUntraced(function*(session) {
      const lock = `kept by ${client}`
      const { answer, token } = yield* Client.acquire(ground, client, session, lock, waitMillisMax)
      if (answer !== "ok" || token === null) return
      const looks = yield* Random.nextIntBetween(1, keptMillisMax / lookMillis)
      for (let look = 0; look < looks && !ground.isOver && !session.isLost; look += 1) {
        yield* Effect.sleep(lookMillis)
        yield* Client.check(ground, client, session, lock, token)
      }
      if (!session.isLost) yield* Client.release(ground, client, session, lock, token)
    })
  )
