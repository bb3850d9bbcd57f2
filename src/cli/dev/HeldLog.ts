/**
 * Where the nodes' log lines go: they are held back until the cluster has been shown, which they would bury, and are
 * printed in the order in which they came.
 */
import { Console, Effect } from "effect"

export interface HeldLog {
  readonly print: (line: string) => Effect.Effect<void>
  /** Prints what has been held back. From now on lines are printed as they come. */
  readonly release: Effect.Effect<void>
}

export const make = (): HeldLog => {
  let held: Array<string> | null = []
  return {
    print: (line) =>
      Effect.suspend(() => {
        if (held === null) return Console.error(line)
        held.push(line)
        return Effect.void
      }),
    release: Effect.suspend(() => {
      const lines = held ?? []
      held = null
      return Effect.forEach(lines, (line) => Console.error(line), { discard: true })
    })
  }
}
