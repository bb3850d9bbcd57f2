/**
 * Asks one node after the other until one can say what became of it. What is asked may be asked again: it is a
 * question, carries a `seq`, or does no harm twice.
 */
import { Clock, Deferred, Effect, Fiber, Random, type Scope } from "effect"
import { OutcomeUnknown } from "../api/Problems.ts"
import { type ApiClient, problemOf } from "../client/transport/HttpOperations.ts"

export interface Ask {
  <A>(operation: (client: ApiClient) => Effect.Effect<A, unknown>): Effect.Effect<A, unknown>
  /** The same of what a node may have good reason to leave unanswered. */
  readonly waiting: <A>(operation: (client: ApiClient) => Effect.Effect<A, unknown>) => Effect.Effect<A, unknown>
}

interface Node<Address> {
  readonly at: Address
  readonly client: ApiClient
}

/** How long it goes on while no node can say. */
const tryMillisMax = 15_000
/** How long a node may take to say something. */
const answerMillisMax = 5_000
const pauseMillis = 200

/** For how long something has lasted, whatever is done to the time of day meanwhile. */
export const monotonicMillis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/** Fails when no node answers at the start. All that is asked goes to one node, until that is left. */
export const makeAsk = Effect.fnUntraced(function*<Address, E>(
  addresses: ReadonlyArray<Address>,
  /** Takes the first of them that answers. */
  find: (addresses: ReadonlyArray<Address>) => Effect.Effect<Node<Address>, E>
) {
  const present = (node: Node<Address>) => ({ node, left: Deferred.makeUnsafe<never, NodeLeft>() })
  let now = present(yield* find(addresses))

  /** If no node answers now, the same one is asked again, and somebody may by then. */
  const leave = Effect.fnUntraced(function*(one: typeof now) {
    if (now !== one) return
    const others = addresses.filter((address) => address !== one.node.at)
    const next = yield* Effect.orElseSucceed(find([...others, one.node.at]), () => one.node)
    // Somebody else may have left it meanwhile.
    if (now !== one) return
    now = present(next)
    Deferred.doneUnsafe(one.left, Effect.fail(new NodeLeft()))
  })

  type Answering<A> = Effect.Effect<A, unknown, Scope.Scope>

  const asking = (millisMax: number) => <A>(operation: (client: ApiClient) => Effect.Effect<A, unknown>) => {
    const isWait = millisMax === Infinity
    const attempt = (triedSince: number | null, mayBeDone: boolean): Answering<A> =>
      Effect.gen(function*() {
        const asked = now
        const began = yield* monotonicMillis
        const answer = Effect.timeoutOrElse(operation(asked.node.client), {
          duration: millisMax,
          orElse: () => Effect.fail(new NodeLeft())
        })
        // A node that is hung up on takes a wait out of the queue, unless it has been asked for again by then.
        const answered = isWait ? Effect.flatMap(Effect.forkScoped(answer), Fiber.join) : answer
        const again = isWait ? Effect.delay(Effect.fail(new AskedLongAgo()), waitAgainMillis) : Effect.never
        const failed = Effect.fnUntraced(function*(error: unknown) {
          if (error instanceof AskedLongAgo) return yield* attempt(null, true)
          const failedAt = yield* monotonicMillis
          // What a node had let wait for long was well until then.
          const since = triedSince ?? (failedAt - began > answerMillisMax ? failedAt : began)
          const isNotDone = saysNotDone(error)
          if (!isToAskAgain(error) || failedAt - since >= tryMillisMax) {
            return yield* Effect.fail(isNotDone && mayBeDone ? new OutcomeUnknown({}) : error)
          }
          yield* Effect.sleep(pauseMillis * (0.5 + (yield* Random.next)))
          yield* leave(asked)
          return yield* attempt(failedAt - began > answerMillisMax ? null : since, mayBeDone || !isNotDone)
        })
        const first = Effect.raceAllFirst([answered, Deferred.await(asked.left), again])
        return yield* first.pipe(Effect.catch(failed))
      })
    return Effect.scoped(attempt(null, false))
  }
  return Object.assign(asking(answerMillisMax), { waiting: asking(Infinity) }) satisfies Ask as Ask
})

/** Whoever waits long asks anew, and keeps the place: Node's fetch has patience for five minutes. */
class AskedLongAgo extends Error {}
const waitAgainMillis = 120_000

/** It has fallen silent, or others have found it of no use. */
class NodeLeft extends Error {}

/** The node has done nothing. Another one may have, before. */
const saysNotDone = (error: unknown): boolean => {
  const problem = problemOf(error)
  return problem?._tag === "NoLeader" || problem?._tag === "Overloaded"
}

/** The node was lost, or cannot say. */
const isToAskAgain = (error: unknown): boolean => {
  const problem = problemOf(error)
  return problem === null || problem._tag === "NoLeader" || problem._tag === "OutcomeUnknown"
}
