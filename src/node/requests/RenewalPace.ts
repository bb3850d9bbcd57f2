/**
 * How often renewals, when very many come, cost the node a turn and an entry.
 *
 * A client renews long before its lease ends, so its renewal need not be an entry of its own. The first few of a flood
 * go on at once, those after them together, once in a while; and whatever else is asked takes along those that wait. A
 * lease counts from the stamp of its entry, so one that waits here is longer by that and never shorter.
 */
import { Clock, Context, Effect } from "effect"
import * as Alarm from "../time/Alarm.ts"
import type { Pending } from "./Requests.ts"

export interface RenewalPace {
  /** Hands a request on: at once, unless it is one renewal of very many. */
  readonly offer: (pending: Pending) => void
}

/** Of a flood, renewals go on so often: the shortest lease is forty times as long. */
export const paceMillis = 25

/** So many may go on at once before they are held to that pace. Only a simulator wants another number. */
export const unpacedMax = 10
export const UnpacedMax = Context.Reference<number>("node/requests/UnpacedMax", { defaultValue: () => unpacedMax })

/** In the order in which they were offered, each is handed to `submit` once. */
export const make = Effect.fnUntraced(function*(submit: (pending: Pending) => void) {
  const clock = yield* Clock.Clock
  const allowanceMax = yield* UnpacedMax
  const now = () => Alarm.monotonicMillis(clock)
  let waiting: Array<Pending> = []
  let allowance = allowanceMax
  let countedAt = now()

  const count = (): void => {
    const since = countedAt
    countedAt = now()
    allowance = Math.min(allowanceMax, allowance + (countedAt - since) / paceMillis)
  }
  const submitWaiting = (): void => {
    if (waiting.length === 0) return
    const some = waiting
    waiting = []
    for (const pending of some) submit(pending)
  }
  const paced = Effect.sync(() => {
    count()
    allowance -= 1
    submitWaiting()
  })
  const alarm = yield* Alarm.make(paced)

  const offer = (pending: Pending): void => {
    if (!isRenewal(pending)) {
      if (waiting.length > 0) alarm.set(null)
      submitWaiting()
      return submit(pending)
    }
    count()
    if (waiting.length === 0 && allowance >= 1) {
      allowance -= 1
      return submit(pending)
    }
    if (waiting.length === 0) alarm.set(countedAt + (1 - allowance) * paceMillis)
    waiting.push(pending)
  }
  return { offer } satisfies RenewalPace as RenewalPace
})

const isRenewal = ({ ask }: Pending): boolean => "command" in ask && ask.command._tag === "RenewSession"
