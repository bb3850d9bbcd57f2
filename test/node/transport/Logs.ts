/**
 * Keeps what is logged, so that a test can say what the log must say and what it must not.
 */
import { Effect, Logger } from "effect"

export interface Line {
  readonly level: string
  readonly message: string
  readonly annotations: Readonly<Record<string, unknown>>
}

export interface Logs {
  readonly lines: Array<Line>
  readonly warnings: () => ReadonlyArray<string>
  readonly keep: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

export const makeLogs = (): Logs => {
  const lines: Array<Line> = []
  const logger = Logger.map(Logger.formatStructured, ({ annotations, level, message }) => {
    lines.push({ level, message: String(message), annotations })
  })
  return {
    lines,
    warnings: () =>
      lines.filter(({ level }) => level === "WARN").map(({ annotations, message }) =>
        `${message}: ${String(annotations["reason"])}`
      ),
    keep: (effect) => Effect.provideService(effect, Logger.CurrentLoggers, new Set([logger]))
  }
}
