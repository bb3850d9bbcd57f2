/**
 * `npm run check:history -- FILE…`: whether recorded histories of the lock service are linearizable, and if one is not,
 * the operations that cannot all be true. It ends with 1 if one is not, 2 if one could not be read or decided.
 */
import { readFileSync } from "node:fs"
import { check } from "../../src/spec/history/Check.ts"
import { parseHistory } from "../../src/spec/history/Operation.ts"
import { tell } from "../../src/spec/history/Telling.ts"
import { calledWrongly, optionsOf } from "../CommandLine.ts"

const usage = "npm run check:history -- [--lease-ms MILLIS] FILE…"

const { positionals, values } = optionsOf(usage, {
  allowPositionals: true,
  options: { "lease-ms": { type: "string" } }
})
const leaseMs = values["lease-ms"] === undefined ? undefined : Number(values["lease-ms"])

const worst = (code: number): void => {
  process.exitCode = Math.max(Number(process.exitCode ?? 0), code)
}

const checkFile = (file: string): void => {
  try {
    const verdict = check(parseHistory(readFileSync(file, "utf8")), { leaseMs })
    console.log(`${file}: ${tell(verdict)}`)
    if (verdict.undecided.length > 0) worst(2)
    if (verdict.faults.length > 0) worst(1)
  } catch (error) {
    console.error(`${file}: ${error instanceof Error ? error.message : String(error)}`)
    worst(2)
  }
}

if (positionals.length === 0 || Number.isNaN(leaseMs)) calledWrongly(usage)
positionals.forEach(checkFile)
