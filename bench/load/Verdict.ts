/**
 * What is found in a run when it is over: by its clients at once, by the search for an order of their history, and by
 * whoever watched the nodes. What is found is kept, with all that a search for the cause starts from.
 */
import { Console, Effect } from "effect"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { check, type Verdict } from "../../src/spec/history/Check.ts"
import type { Operation } from "../../src/spec/history/Operation.ts"
import { tellFault } from "../../src/spec/history/Telling.ts"
import type { TestNode } from "../../test/e2e/harness/TestNode.ts"
import { type Fault, hollow, type Recorder } from "./Recorder.ts"

export interface Finding {
  readonly rule: string
  readonly message: string
}

export const judge = (recorder: Recorder, others: ReadonlyArray<Fault>, minutes: number) => {
  const verdict = check(recorder.operations)
  const findings: ReadonlyArray<Finding> = [
    ...recorder.faults,
    ...others,
    ...hollow(recorder.operations, minutes),
    ...verdict.faults.map((fault) => ({ rule: fault.rule, message: tellFault(fault).join("\n") })),
    ...verdict.undecided.map((lock) => ({ rule: "undecided", message: `lock ${lock}: too many orders to try` }))
  ]
  return { verdict, findings } satisfies { readonly verdict: Verdict; readonly findings: ReadonlyArray<Finding> }
}

export const writeHistory = (file: string, operations: ReadonlyArray<Operation>): Effect.Effect<void> =>
  Effect.sync(() => writeFileSync(file, operations.map((operation) => `${JSON.stringify(operation)}\n`).join("")))

/** In a directory of its own: `npm run check:history` reads the history again. */
export const keepEvidence = (
  run: string,
  { operations }: Recorder,
  findings: ReadonlyArray<Finding>,
  nodes: ReadonlyArray<TestNode>
) =>
  Effect.gen(function*() {
    const directory = mkdtempSync(join(tmpdir(), `holdfast-${run}-`))
    writeFileSync(join(directory, "findings.json"), JSON.stringify(findings, null, 2))
    yield* writeHistory(join(directory, "history.jsonl"), operations)
    for (const node of nodes) writeFileSync(join(directory, `${node.nodeId}.log`), node.said())
    yield* Console.error(`The history and the logs are in ${directory}`)
  })
