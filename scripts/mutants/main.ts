/**
 * `npm run test:mutants [-- WORD]`: plants every known bug (or those whose name has the word in it), one at a time, and
 * demands that the simulator finds it within two minutes. Prints a table of mutant, seed and time, and fails
 * if one survives.
 */
import { availableParallelism } from "node:os"
import { calledWrongly } from "../CommandLine.ts"
import { mutants } from "./catalogue/all.ts"
import { huntAll } from "./hunting.ts"

const millisMax = 120_000
const word = process.argv[2] ?? ""
const wanted = mutants.filter(({ file, name }) => name.includes(word) || file.includes(word))
if (wanted.length === 0) {
  calledWrongly("npm run test:mutants [-- WORD]", `no planted bug has ${word} in its name or file`)
}

let survivors = 0
let slowest = 0
console.log(`${"seed".padStart(6)} ${"seconds".padStart(8)}  planted bug`)
await huntAll(wanted, {
  millisMax,
  width: Math.min(availableParallelism(), 2),
  ended: ({ found, millis, mutant }) => {
    if (found === null) survivors += 1
    slowest = Math.max(slowest, millis)
    const seconds = (millis / 1000).toFixed(1)
    console.log(`${String(found?.seed ?? "none").padStart(6)} ${seconds.padStart(8)}  ${mutant.name} (${mutant.file})`)
    if (process.env["HOLDFAST_VERBOSE"] !== undefined) console.log(`                 ${found?.message ?? "survived"}`)
  }
})
const found = wanted.length - survivors
console.log(`${found} of ${wanted.length} planted bugs found, the slowest after ${(slowest / 1000).toFixed(1)} s`)
if (survivors > 0) process.exitCode = 1
