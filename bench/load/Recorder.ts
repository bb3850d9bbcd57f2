/**
 * Records what the clients of a load asked and were told: the lines of a history that can be checked afterwards, and
 * those faults that need no search. It knows the contract and nothing of what the cluster did.
 */
import type { Operation } from "../../src/spec/history/Operation.ts"

/** What no client should ever see. */
export interface Fault {
  readonly rule: "lost session" | "unanswered request" | "unexpected answer" | "hollow run" | "node ended by itself"
  readonly message: string
}

export class Recorder {
  readonly operations: Array<Operation> = []
  readonly faults: Array<Fault> = []
  /** Requests that were sent more than once. */
  sentAgain = 0
  sessions = 0
  readonly #startedAt = process.hrtime.bigint()

  /** Nanoseconds since the recorder was made. */
  now(): number {
    return Number(process.hrtime.bigint() - this.#startedAt)
  }

  note(operation: Operation): void {
    this.operations.push(operation)
  }

  fault(rule: Fault["rule"], message: string): void {
    this.faults.push({ rule, message: `${(this.now() / 1e9).toFixed(3)} s: ${message}` })
  }
}

const grantsPerMinuteMin = 50

/** A history in which hardly anything happened shows nothing, however clean it is. */
export const hollow = (operations: ReadonlyArray<Operation>, minutes: number): ReadonlyArray<Fault> => {
  const grants = operations.filter(({ op, result }) => op === "acquire" && result === "ok").length
  const least = Math.ceil(grantsPerMinuteMin * minutes)
  return grants >= least ? [] : [{ rule: "hollow run", message: `${grants} grants, and ${least} are the least` }]
}
