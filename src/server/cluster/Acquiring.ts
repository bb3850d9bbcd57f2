/**
 * Acquiring a lock, in the caller's session or in one that the node makes for it, and withdrawing the
 * attempt when the caller has hung up.
 */
import { Effect, FiberSet, Schedule } from "effect"
import type { SecureRandom } from "effect/crypto"
import type { Acquire } from "../../api/Locks.ts"
import { LockName, type SessionHash } from "../../lock/Identifiers.ts"
import type { Acquire as AcquireCommand } from "../../lock/LockCommand.ts"
import type { RaftNode } from "../../node/RaftNode.ts"
import * as Answers from "./Answers.ts"
import type { Change } from "./Changing.ts"
import { hashOf, mintSession } from "./SessionIds.ts"

export interface Ground {
  readonly node: Pick<RaftNode["Service"], "nextRequest" | "submit">
  readonly change: Change
  readonly random: SecureRandom.SecureRandom["Service"]
  readonly isStopping: () => boolean
}

export const makeAcquire = Effect.fnUntraced(function*({ change, isStopping, node, random }: Ground) {
  // Withdrawals go on after their callers have gone, and end with the node.
  const withdrawals = yield* FiberSet.make()
  const withdraw = yield* FiberSet.runtime(withdrawals)()

  return Effect.fnUntraced(function*(name: string, acquire: Acquire) {
    const session = "session" in acquire && acquire.session !== undefined ? acquire.session : yield* mintSession(random)
    // It names its request, which takes it back.
    const command = commandOf(yield* node.nextRequest, name, hashOf(session), acquire)
    const submitted = change(() => command, command.waitMillis)
    const renewed = command.mint && command.waitMillis > 0 ? whileRenewing(node, command, submitted) : submitted
    // A node that stops has not been hung up on: a session of the caller's keeps its place for a retry elsewhere.
    const keeps = () => isStopping() && !command.mint
    const takeBack = Effect.sync(() => void withdraw(abandon(node, command)))
    const reply = yield* renewed.pipe(
      Effect.onInterrupt(() => keeps() ? Effect.void : takeBack),
      // Nobody can ask again in a session whose id nobody has been told.
      Effect.tapError(({ _tag }) => command.mint && _tag === "OutcomeUnknown" ? takeBack : Effect.void)
    )
    return yield* Answers.acquired(name, session, reply)
  })
})

const commandOf = (
  request: AcquireCommand["request"],
  name: string,
  session: SessionHash,
  acquire: Acquire
): AcquireCommand => {
  const { lockDelayMs, maxHoldMs, mode, owner, permits, seq, seqDone, value, waitMs } = acquire
  return {
    _tag: "Acquire",
    request,
    lock: LockName.make(name),
    session,
    owner,
    mode,
    permits,
    waitMillis: waitMs,
    lockDelayMillis: lockDelayMs,
    ...(maxHoldMs === undefined ? {} : { maxHoldMillis: maxHoldMs }),
    ...(value === undefined ? {} : { value }),
    ...(seq === undefined ? {} : { seq }),
    ...(seqDone === undefined ? {} : { seqDone }),
    ...(acquire.session === undefined ? { mint: { ttlMillis: acquire.ttlMs, label: acquire.label } } : {})
  }
}

/** The node keeps alive the session it has made, for as long as its caller waits; nobody else knows its id. */
const whileRenewing = <A, E>(node: Ground["node"], { mint, session }: AcquireCommand, effect: Effect.Effect<A, E>) => {
  const renew = Effect.flatMap(node.nextRequest, (request) => node.submit({ _tag: "RenewSession", request, session }))
  const every = Math.floor(mint!.ttlMillis / 3)
  const renewals = Effect.sleep(every).pipe(Effect.andThen(Effect.ignore(renew)), Effect.forever)
  return Effect.raceFirst(effect, renewals)
}

/**
 * Takes back this attempt and no later one. Without a leader it tries again for a while; after that the
 * session's TTL ends what is left.
 */
const abandon = (node: Ground["node"], { lock, owner, request: attempt, session }: AcquireCommand) =>
  Effect.flatMap(
    node.nextRequest,
    (request) => node.submit({ _tag: "Abandon", request, lock, session, owner, attempt })
  ).pipe(
    Effect.retry({ schedule: Schedule.spaced("1 second"), times: 30 }),
    Effect.ignore
  )
