/**
 * `holdfast/testing` as a program's tests use it: the real client over a cluster in memory, and each way to disturb it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { CurrentLock, LockClient } from "../../src/index.ts"
import { loseAtEveryAwait, play, TestClient, TestCluster } from "../../src/testing.ts"
import { inCluster } from "./inCluster.ts"

const reasonOf = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return "success"
  const error: unknown = Effect.runSync(Effect.flip(Effect.catchDefect(exit, Effect.die)))
  return typeof error === "object" && error !== null && "reason" in error ? String(error.reason) : String(error)
}

describe("A cluster for tests", () => {
  inCluster("grants, queues and takes back as any other, with no time passing", function*() {
    const cluster = yield* TestCluster
    const locks = yield* LockClient
    const { locks: others } = yield* cluster.client({ label: "other" })
    const lock = yield* locks.acquire("a")
    const refused = yield* Effect.flip(Effect.scoped(others.tryAcquire("a")))
    assert.strictEqual(refused._tag, "LockHeld")
    const waiting = yield* Effect.forkChild(others.withLock("a")(Effect.flatMap(CurrentLock, ({ token }) => token)))
    while ((yield* cluster.look("a")).queueLength === 0) yield* Effect.yieldNow
    const token = yield* lock.token
    yield* lock.release
    assert.strictEqual(yield* Fiber.join(waiting), token + 1)
    const { holders } = yield* cluster.look("a")
    assert.deepStrictEqual(holders, [])
  })

  inCluster("keeps a lock for as long as its client renews it", function*() {
    const cluster = yield* TestCluster
    const lock = yield* (yield* LockClient).acquire("a")
    yield* TestClock.adjust("10 minutes")
    yield* lock.assertHeld
    assert.deepStrictEqual((yield* cluster.look("a")).holders.map(({ label }) => label), ["program"])
  })

  inCluster("ends a wait at its time, and not before", function*() {
    const { client } = yield* TestCluster
    yield* (yield* LockClient).acquire("a")
    const { locks: others } = yield* client()
    const waiting = yield* Effect.forkChild(Effect.flip(Effect.scoped(others.acquire("a", { wait: "3 seconds" }))))
    yield* TestClock.adjust("2999 millis")
    assert.isUndefined(waiting.pollUnsafe())
    yield* TestClock.adjust("1 second")
    assert.strictEqual((yield* Fiber.join(waiting))._tag, "WaitTimeout")
  })

  inCluster("tells watchers what becomes of locks", function*() {
    const locks = yield* LockClient
    const told = yield* Effect.forkChild(
      Stream.runCollect(Stream.take(locks.watch("a"), 2)),
      { startImmediately: true }
    )
    yield* Effect.yieldNow
    yield* locks.withLock("a")(Effect.void)
    assert.deepStrictEqual((yield* Fiber.join(told)).map(({ event }) => event), ["granted", "released"])
  })
})

describe("A client for tests", () => {
  inCluster("loses a lock when its test says so, and others can have it", function*() {
    const { lose } = yield* TestClient
    const { client } = yield* TestCluster
    const locks = yield* LockClient
    let isInterrupted = false
    const work = Effect.onInterrupt(Effect.never, () => Effect.sync(() => (isInterrupted = true)))
    const working = yield* Effect.forkChild(locks.withLock("a")(work), { startImmediately: true })
    while ((yield* (yield* TestCluster).look("a")).holders.length === 0) yield* Effect.yieldNow
    yield* lose("a")
    assert.strictEqual(reasonOf(yield* Fiber.await(working)), "session-ended")
    assert.isTrue(isInterrupted)
    const { locks: others } = yield* client()
    yield* others.tryAcquire("a")
    assert.match(String(yield* Effect.exit(lose("a"))), /holds no lock \\?"a\\?"/)
  })

  inCluster("that is cut off holds on until nine tenths of its TTL, and is lost then", function*() {
    const { disconnect, reconnect } = yield* TestClient
    const lock = yield* (yield* LockClient).acquire("a")
    yield* disconnect
    yield* TestClock.adjust("8900 millis")
    assert.strictEqual(yield* lock.state, "jeopardy")
    yield* TestClock.adjust("200 millis")
    assert.strictEqual(yield* lock.state, "lost")
    yield* reconnect
    const again = yield* play((yield* LockClient).acquire("a"))
    assert.strictEqual(yield* again.state, "held")
  })

  inCluster("that stands still goes on before it notices, and finds its lock lost by then", function*() {
    const { pause } = yield* TestClient
    const { client } = yield* TestCluster
    const locks = yield* LockClient
    const seen: Array<string> = []
    const work = Effect.gen(function*() {
      const lock = yield* CurrentLock
      yield* pause("20 seconds")
      seen.push("goes on")
      yield* lock.assertHeld
      seen.push("is not reached")
    })
    const working = yield* Effect.forkChild(locks.withLock("a")(work), { startImmediately: true })
    const { locks: others } = yield* client({ ttl: "10 seconds" })
    const waiting = yield* Effect.forkChild(Effect.scoped(others.acquire("a")))
    yield* TestClock.adjust("9900 millis")
    assert.isUndefined(waiting.pollUnsafe())
    yield* TestClock.adjust("200 millis")
    yield* Fiber.join(waiting)
    assert.deepStrictEqual(seen, [])
    yield* TestClock.adjust("20 seconds")
    assert.deepStrictEqual(seen, ["goes on"])
    assert.strictEqual(reasonOf(yield* Fiber.await(working)), "expired")
  })

  inCluster("that stands still for less than its lease keeps its lock", function*() {
    const { pause } = yield* TestClient
    const lock = yield* (yield* LockClient).acquire("a")
    yield* play(pause("5 seconds"))
    yield* TestClock.adjust("1 minute")
    yield* lock.assertHeld
  })

  inCluster("asks again when an answer is lost, and holds one grant", function*() {
    const { loseAnswers } = yield* TestClient
    const cluster = yield* TestCluster
    const locks = yield* LockClient
    yield* (yield* locks.acquire("opens the session")).release
    yield* loseAnswers(3)
    const lock = yield* play(locks.acquire("a"))
    const { holders, lastToken } = yield* cluster.look("a")
    assert.strictEqual(holders.length, 1)
    assert.strictEqual(lastToken, yield* lock.token)
    assert.strictEqual(lastToken, 2)
  })

  for (const first of ["grant", "cancel"] as const) {
    inCluster(`gives back what was granted as it gave up, the ${first} first`, function*() {
      const { raceGrantWithCancel } = yield* TestClient
      const cluster = yield* TestCluster
      const locks = yield* LockClient
      const exit = yield* raceGrantWithCancel(Effect.scoped(Effect.andThen(locks.acquire("a"), Effect.never)), first)
      assert.isTrue(Exit.hasInterrupts(exit))
      yield* TestClock.adjust(1)
      const { holders, queueLength } = yield* cluster.look("a")
      assert.deepStrictEqual({ holders, queueLength }, { holders: [], queueLength: 0 })
      assert.strictEqual(yield* (yield* locks.acquire("a")).token, 2)
    })
  }

  inCluster("says that a lock is not free that was to be granted in a race", function*() {
    const { raceGrantWithCancel } = yield* TestClient
    const locks = yield* LockClient
    yield* locks.acquire("a")
    const exit = yield* Effect.exit(raceGrantWithCancel(Effect.scoped(locks.acquire("a")), "grant"))
    assert.match(String(exit), /is it free\?/)
  })
})

describe("A program that loses its lock at every await", () => {
  /** Writes in steps, and checks before each that it may. */
  const write = (written: Array<number>, isCareful: boolean) =>
    Effect.gen(function*() {
      const locks = yield* LockClient
      const { look } = yield* TestCluster
      yield* locks.withLock("a")(Effect.gen(function*() {
        const lock = yield* CurrentLock
        const step = Effect.gen(function*() {
          yield* Effect.sleep("1 second")
          const { holders } = yield* look("a")
          if (isCareful) yield* lock.assertHeld
          written.push(holders.length)
        })
        yield* Effect.replicateEffect(Effect.uninterruptible(step), 3)
      }))
    })

  it.effect("is run once for each, and undisturbed at last", () =>
    Effect.gen(function*() {
      const written: Array<number> = []
      const exits = yield* loseAtEveryAwait("a", write(written, true))
      const ends = exits.map(reasonOf)
      const undisturbed = ends.indexOf("success")
      assert.isAtLeast(undisturbed, 4)
      assert.deepStrictEqual([...new Set(ends.slice(0, undisturbed))], ["session-ended"])
      // Lost only when the work under it was done.
      assert.deepStrictEqual([...new Set(ends.slice(undisturbed))], ["success"])
      assert.isAbove(written.length, 0)
      assert.deepStrictEqual(written.filter((holders) => holders === 0), [])
    }))

  it.effect("is found out if it does not look", () =>
    Effect.gen(function*() {
      const written: Array<number> = []
      yield* loseAtEveryAwait("a", write(written, false))
      assert.include(written, 0)
    }))
})
