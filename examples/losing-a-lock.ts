/**
 * How a program is tested against the loss of its lock. A nightly report is written in three parts. Each run loses the
 * lock at another moment, in a cluster in memory and on the clock of the test, so all of them take no time.
 *
 * The careless report writes on when its lock is gone. The careful one asks before each part.
 */
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { CurrentLock, LockClient } from "holdfast"
import { loseAtEveryAwait, TestCluster } from "holdfast/testing"

const report = (isCareful: boolean, written: (isOurs: boolean) => void) =>
  Effect.gen(function*() {
    const locks = yield* LockClient
    const cluster = yield* TestCluster
    const part = Effect.gen(function*() {
      yield* Effect.sleep("20 seconds")
      const { holders } = yield* cluster.look("report")
      if (isCareful) yield* (yield* CurrentLock).assertHeld
      written(holders.length === 1)
    })
    // What must not be cut in two is uninterruptible, and then has to look for itself.
    yield* locks.withLock("report")(Effect.replicateEffect(Effect.uninterruptible(part), 3))
  })

const tryOut = Effect.fnUntraced(function*(isCareful: boolean) {
  let without = 0
  const exits = yield* loseAtEveryAwait("report", report(isCareful, (isOurs) => without += isOurs ? 0 : 1))
  const finished = exits.filter(({ _tag }) => _tag === "Success").length
  console.log(`${isCareful ? "careful" : "careless"}: ${exits.length} runs, ${finished} of them to the end`)
  console.log(`  parts written without the lock: ${without}`)
})

await Effect.runPromise(
  Effect.andThen(tryOut(false), tryOut(true)).pipe(Effect.provide(TestClock.layer()))
)
