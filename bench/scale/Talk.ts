/**
 * Client RPC as very many clients speak it: any number of sessions over one connection, and as many operations in a
 * batch as the caller says. Nothing is sent again and nothing is renewed unless the caller does.
 */
import { Context, Deferred, Effect, Layer, Option, Schedule } from "effect"
import { parseAddress } from "../../src/api/Address.ts"
import type { Group, Outcome } from "../../src/api/rpc/Conversation.ts"
import { ClientTransport } from "../../src/client/transport/ClientTransport.ts"
import * as RpcTransport from "../../src/client/transport/RpcTransport.ts"

type Answer = Exclude<Outcome, { readonly _tag: "Leader" }>

/** Says which operations to send; each takes an id of its own, in order. */
type Build = (id: () => number) => ReadonlyArray<Group>

export interface Talk {
  /** Waits until all operations are settled, none of them by a refusal. */
  readonly ask: (build: Build) => Effect.Effect<ReadonlyArray<Answer>>
  /** Waits for nothing; each outcome is told when it comes, with the number of its operation in the batch. */
  readonly tell: (build: Build, hear: (answer: Answer, at: number) => void) => Effect.Effect<void>
}

/** Ends with the scope. */
export const make = Effect.fnUntraced(function*(address: string) {
  const to = Option.getOrThrow(parseAddress(address))
  const transport = Context.get(yield* Layer.build(RpcTransport.layer([to])), ClientTransport)
  const waiting = new Map<number, (answer: Answer) => void>()
  let wrong: unknown = null
  const hear = (outcomes: ReadonlyArray<Outcome>): void => {
    for (const outcome of outcomes) {
      if (outcome._tag === "Leader") continue
      const heard = waiting.get(outcome.id)
      waiting.delete(outcome.id)
      try {
        heard?.(outcome)
      } catch (error) {
        // Told to whoever says something next: thrown here it would only end the link.
        wrong ??= error
      }
    }
  }
  // A node to which thousands connect at once may be late with its first word.
  const link = yield* transport.connect(address, hear).pipe(
    Effect.retry({ times: connectTries, schedule: Schedule.spaced("1 second") }),
    Effect.mapError(({ why }) => new Error(`${address} gives no answer: ${why}`)),
    Effect.orDie
  )
  let last = 0
  const tell: Talk["tell"] = (build, hear) =>
    Effect.suspend(() => {
      if (wrong !== null) return Effect.die(wrong)
      const first = last + 1
      const groups = build(() => ++last)
      for (let id = first; id <= last; id++) waiting.set(id, (answer) => hear(answer, id - first))
      return Effect.orDie(link.send(groups))
    })
  const ask: Talk["ask"] = Effect.fnUntraced(function*(build) {
    const done = Deferred.makeUnsafe<ReadonlyArray<Answer>>()
    const answers: Array<Answer> = []
    const before = last
    let left = 0
    const counted: Build = (id) => {
      const groups = build(id)
      left = last - before
      return groups
    }
    yield* tell(counted, (answer, at) => {
      answers[at] = answer
      left -= 1
      if (answer._tag === "Failed") Deferred.doneUnsafe(done, refused(answer))
      else if (left === 0) Deferred.doneUnsafe(done, Effect.succeed(answers))
    })
    return yield* Deferred.await(done)
  })
  const ping = tell((id) => [{ operations: [{ _tag: "Ping", id: id() }] }], () => {})
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(pingMillis), ping)))
  return { ask, tell } satisfies Talk as Talk
})

const refused = ({ problem }: Extract<Answer, { readonly _tag: "Failed" }>) =>
  Effect.die(new Error(`refused: ${JSON.stringify(problem)}`))

const connectTries = 10

/** A node takes whoever says nothing for half a minute for gone. */
const pingMillis = 10_000
