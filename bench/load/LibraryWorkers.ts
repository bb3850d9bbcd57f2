/**
 * Clients of a load that use the client library, over client RPC, as a program does. What they record is what the
 * library promises: while it says that a lock is held, the cluster lets nobody else have it.
 */
import { Context, Effect, Exit, Layer, Random, Scope } from "effect"
import { type Lock, LockClient } from "../../src/index.ts"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import type { Ground } from "./HttpClient.ts"
import { contended, oneOf, within } from "./Workers.ts"

const ttlMillis = 3_000
const waitMillisMax = 1_000
const holdMillisMax = 60

export const libraryWorker = Effect.fnUntraced(function*(
  ground: Ground,
  client: string,
  nodes: ReadonlyArray<TestNode>
) {
  const addresses = nodes.map(({ host = "127.0.0.1", rpcPort }) => `${host}:${rpcPort}`)
  const layer = LockClient.layerRpc({ nodes: addresses, ttl: ttlMillis, label: client })
  const locks = Context.get(yield* Effect.orDie(Layer.build(layer)), LockClient)
  for (let count = 1; !ground.isOver; count += 1) {
    const name = yield* oneOf(contended)
    yield* holdOnce(ground, locks, { client, name, owner: `${client}/${count}` })
    yield* Effect.sleep(yield* Random.nextIntBetween(0, holdMillisMax))
  }
}, Effect.scoped)

interface Who {
  readonly client: string
  readonly name: string
  readonly owner: string
}

const holdOnce = Effect.fnUntraced(function*(ground: Ground, locks: LockClient["Service"], who: Who) {
  const { recorder } = ground
  const { name, owner } = who
  const scope = yield* Scope.make()
  const start = recorder.now()
  const isPatient = yield* Random.nextBoolean
  const acquire = isPatient
    ? locks.acquire(name, { owner, wait: yield* Random.nextIntBetween(1, waitMillisMax) })
    : locks.tryAcquire(name, { owner })
  const lock = yield* acquire.pipe(Scope.provide(scope), Effect.orElseSucceed((error): Refused => ({ refused: error })))
  const end = recorder.now()
  const asked = { ...who, op: "acquire", token: null, start, end } as const
  // Before that, the library may have been granted the lock in sessions that it had to give up: one in a lease.
  const givenUp = 1 + Math.floor((end - start) / (0.9 * ttlMillis * 1e6))
  for (let session = 0; session < givenUp; session += 1) recorder.note({ ...asked, result: "unknown" })
  if ("refused" in lock) {
    if (lock.refused._tag === "LockHeld") recorder.note({ ...asked, result: "held" })
    return
  }
  const token = yield* Effect.orElseSucceed(lock.token, () => null)
  // Lost already, and nobody can say any more with which token it was granted: that is one of the unknown.
  if (token !== null) {
    // How long it lasts is the library's business: what it says, it says whenever it is asked.
    recorder.note({ ...asked, token, result: "ok", leaseMs: 0 })
    yield* use(ground, lock, { ...who, token })
  }
  const releasing = recorder.now()
  yield* Scope.close(scope, Exit.void)
  if (token !== null) {
    // It never says whether there was still something to release.
    recorder.note({ ...who, op: "release", token, result: "unknown", start: releasing, end: recorder.now() })
  }
})

interface Refused {
  readonly refused: Effect.Error<ReturnType<LockClient["Service"]["acquire"]>>
}

/** Asks again and again whether it is held. Now and then it holds on for longer than its lease, which is renewed. */
const use = Effect.fnUntraced(function*({ recorder }: Ground, lock: Lock, held: Who & { readonly token: number }) {
  const looks = (yield* within(0.03)) ? 80 : yield* Random.nextIntBetween(0, 3)
  for (let look = 0; look <= looks; look += 1) {
    const start = recorder.now()
    const isHeld = yield* Effect.isSuccess(lock.assertHeld)
    if (!isHeld) return
    recorder.note({ ...held, op: "renew", result: "ok", start, end: recorder.now(), leaseMs: 0 })
    yield* Effect.sleep(yield* Random.nextIntBetween(0, holdMillisMax))
  }
})
