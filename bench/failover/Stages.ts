/**
 * Where the time of an election goes, from what the nodes that are left have logged: they noticed, one
 * asked, one led. Log lines carry the wall clock in whole milliseconds, so these are rounded; the
 * measurement itself does not use them.
 */
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"

/** Milliseconds from the strike; null for what was not logged. */
export interface Stages {
  /** The first node that is left had lost its link to the leader. Nobody loses it to a frozen one. */
  readonly noticed: number | null
  /** The first of them asked whether it could win. */
  readonly asked: number | null
  /** The next leader had been elected. */
  readonly led: number | null
  /** How many times somebody asked for votes: more than once is a split vote or a refusal. */
  readonly candidacies: number
}

interface Line {
  readonly at: number
  readonly message: string
}

/** All that these nodes have logged from a moment on. */
const linesSince = (nodes: ReadonlyArray<Pick<TestNode, "said">>, since: number): ReadonlyArray<Line> =>
  nodes
    .flatMap((node) => node.said().split("\n").slice(-linesMax))
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line))
    .map(({ message, timestamp }): Line => ({ at: Date.parse(timestamp) - since, message: String(message) }))
    .filter(({ at }) => at >= -1)
    .toSorted((a, b) => a.at - b.at)

const linesMax = 200

export const stagesSince = (nodes: ReadonlyArray<Pick<TestNode, "said">>, since: number): Stages => {
  const lines = linesSince(nodes, since)
  const first = (message: string) => lines.find((line) => line.message === message)?.at ?? null
  return {
    noticed: first("Lost the link to a peer"),
    asked: first("Asks whether it could win an election"),
    led: first("Leads"),
    candidacies: lines.filter(({ message }) => message === "Asks for votes").length
  }
}
