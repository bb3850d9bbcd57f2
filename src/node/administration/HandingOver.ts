/**
 * What a leader does before it stops: it lets another node lead, so that nobody waits for an election,
 * and gives those who have asked it something the time to hear from that one (dissertation §3.10).
 */
import { Effect } from "effect"
import { isLeading, leaderOf } from "../../raft/RaftState.ts"
import type { Shell } from "../Shell.ts"
import * as Asking from "./Asking.ts"

/** Ends soon, handed over or not: a cluster of one has nobody, and one without a majority cannot. */
export const handOver = (shell: Shell, request: string): Effect.Effect<void> =>
  Effect.suspend(() => {
    if (!isLeading(shell.state)) return Effect.void
    const since = shell.now()
    const isOver = () => leaderOf(shell.state) !== shell.state.self && !shell.requests.owesSince(since)
    return Asking.ask(shell, request, { _tag: "Transfer", to: null }).pipe(
      Effect.tap((outcome) =>
        Effect.annotateLogs(Effect.logInfo("hands over before it stops"), { outcome: outcome._tag })
      ),
      Effect.flatMap(({ _tag }) =>
        _tag === "Done"
          ? Effect.sleep(pollMillis).pipe(Effect.repeat({ until: () => Effect.sync(isOver) }))
          : Effect.void
      ),
      Effect.timeoutOption(handOverMillisMax),
      Effect.ignore
    )
  })

const pollMillis = 5
const handOverMillisMax = 1_000
