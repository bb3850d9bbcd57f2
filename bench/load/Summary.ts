/**
 * What was asked in a run and what came of it, as lines for a reader.
 */
import type { Kind, Operation } from "../../src/spec/history/Operation.ts"
import { distribution, formatMillis } from "../lib/Distribution.ts"
import type { Recorder } from "./Recorder.ts"

export const requests = ({ operations, sentAgain, sessions }: Recorder): ReadonlyArray<string> => {
  const kinds: ReadonlyArray<Kind> = ["acquire", "release", "renew", "get"]
  const clients = new Set(operations.map(({ client }) => client)).size
  return [
    `${operations.length} requests by ${clients} clients in ${sessions} sessions, ${sentAgain} of them sent again:`,
    ...kinds.map((kind) => `  ${kind.padEnd(8)} ${byResult(operations.filter(({ op }) => op === kind))}`)
  ]
}

const byResult = (operations: ReadonlyArray<Operation>): string => {
  if (operations.length === 0) return "none"
  const results = [...Map.groupBy(operations, ({ result }) => result)].map(([result, of]) => `${of.length} ${result}`)
  const { max, p50, p99 } = distribution(operations.map(({ end, start }) => (end - start) / 1e6))
  return `${results.join(", ")}; p50 ${formatMillis(p50)}, p99 ${formatMillis(p99)}, max ${formatMillis(max)}`
}
